"""A service keeps running when its number of tasks changes hands."""

from pathlib import Path

import pytest

from pipeline.terraform.desired_count import moves

FIXED, SCALED = "module.service.aws_ecs_service.fixed[0]", "module.service.aws_ecs_service.scaled[0]"
API_FIXED = "module.api_task[0].aws_ecs_service.fixed[0]"


@pytest.fixture
def files(tmp_path: Path):
    def write(*texts: str) -> list[Path]:
        suffixes = ["tfvars.json" if text.startswith("{") else "tfvars" for text in texts]
        paths = [tmp_path / f"{number}.{suffix}" for number, suffix in enumerate(suffixes)]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        return paths

    return write


def test_autoscaling_takes_the_number_over(files) -> None:
    assert moves([FIXED], files("autoscaling = { minimum = 1, maximum = 2, cpu = 60 }")) == [(FIXED, SCALED)]


def test_terraform_takes_the_number_back(files) -> None:
    assert moves([SCALED], files("# autoscaling = {}\nautoscaling = null\n")) == [(SCALED, FIXED)]


def test_nothing_moves_where_nothing_changed_hands(files) -> None:
    assert moves([FIXED, API_FIXED], files("spot_share = 10")) == []
    assert moves([], files("autoscaling = {}")) == []


def test_the_api_changes_hands_on_its_own(files) -> None:
    found = moves([FIXED, API_FIXED], files('{"api_autoscaling": {"minimum": 1}}'))
    assert [before for before, _ in found] == [API_FIXED]


def test_a_later_file_has_the_last_word(files) -> None:
    assert moves([SCALED], files("autoscaling = { minimum = 1 }", '{"autoscaling": null}')) == [
        (SCALED, FIXED)
    ]
