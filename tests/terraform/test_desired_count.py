"""A service keeps running when its number of tasks passes from Terraform to autoscaling and back."""

from pathlib import Path

import pytest

from pipeline.core.paths import TERRAFORM
from pipeline.terraform.desired_count import Move, moves, with_moves
from pipeline.terraform.runner import TerraformPlan

RELEASE = TERRAFORM / "release"
FIXED, SCALED = "module.service.aws_ecs_service.fixed[0]", "module.service.aws_ecs_service.scaled[0]"
API_FIXED = "module.api_task[0].aws_ecs_service.fixed[0]"
API_SCALED = "module.api_task[0].aws_ecs_service.scaled[0]"
AUTOSCALING = "autoscaling = { minimum = 1, maximum = 2, cpu = 60 }"


@pytest.fixture
def file(tmp_path: Path):
    def write(text: str) -> list[Path]:
        path = tmp_path / "x.tfvars"
        path.write_text(text)
        return [path]

    return write


@pytest.mark.terraform
def test_autoscaling_takes_the_number_over(file) -> None:
    assert moves(RELEASE, [FIXED], file(AUTOSCALING)) == [Move(FIXED, SCALED)]


@pytest.mark.terraform
def test_terraform_takes_the_number_back(file) -> None:
    text = f"# {AUTOSCALING}\nautoscaling = null\n"
    assert moves(RELEASE, [SCALED], file(text)) == [Move(SCALED, FIXED)]


@pytest.mark.terraform
def test_nothing_moves_where_the_owner_stays_the_same(file) -> None:
    assert moves(RELEASE, [FIXED, API_FIXED], file("spot_share = 10")) == []
    assert moves(RELEASE, [SCALED], file(AUTOSCALING)) == []


@pytest.mark.terraform
def test_the_apis_service_moves_on_its_own(file) -> None:
    assert moves(RELEASE, [FIXED, API_FIXED], file(f"api_{AUTOSCALING}")) == [Move(API_FIXED, API_SCALED)]


def test_without_a_service_in_the_state_terraform_is_not_asked(
    file, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert moves(RELEASE, ["module.dashboard.aws_cloudwatch_dashboard.this"], file(AUTOSCALING)) == []


def plan(*changes: tuple[str, str]) -> TerraformPlan:
    return TerraformPlan.parse("\n".join(f"  # {address} will be {how}" for address, how in changes))


def test_a_plan_shows_a_pending_move_as_a_move() -> None:
    shown = with_moves(plan((FIXED, "destroyed"), (SCALED, "created"), ("a.b", "created")))
    assert [(change.address, change.how) for change in shown.resources] == [
        (SCALED, "moved"),
        ("a.b", "created"),
    ]
    assert shown.changes


@pytest.mark.parametrize("change", [(FIXED, "destroyed"), (SCALED, "created"), (FIXED, "updated in-place")])
def test_a_service_that_is_really_created_or_destroyed_is_shown_so(change: tuple[str, str]) -> None:
    assert with_moves(plan(change)) == plan(change)
