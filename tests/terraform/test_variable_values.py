"""Terraform itself says which values the variable files give."""

from pathlib import Path

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import TERRAFORM
from pipeline.terraform.variable_values import variable_values

pytestmark = pytest.mark.terraform

RELEASE = TERRAFORM / "release"


def files(folder: Path, *texts: str) -> list[Path]:
    paths = []
    for number, text in enumerate(texts):
        suffix = "tfvars.json" if text.startswith("{") else "tfvars"
        paths.append(folder / f"{number}.{suffix}")
        paths[-1].write_text(text)
    return paths


def test_a_later_file_overrides_an_earlier_one_and_defaults_come_last(tmp_path: Path) -> None:
    texts = ("api_cpu = 512 # more\napi_count = 3\n", '{"api_count": 4}', "/* api_count = 5 */")
    values = variable_values(RELEASE, ("api_cpu", "api_count", "api_warmth"), files(tmp_path, *texts))
    assert values == {"api_cpu": 512, "api_count": 4, "api_warmth": "none"}


def test_a_value_over_several_lines_is_read_whole(tmp_path: Path) -> None:
    text = "autoscaling = {\n  minimum = 1\n  maximum = 2\n}\n"
    values = variable_values(RELEASE, ("autoscaling", "api_autoscaling"), files(tmp_path, text))
    assert (values["autoscaling"]["maximum"], values["api_autoscaling"]) == (2, None)


def test_a_value_for_another_roots_variable_is_ignored(tmp_path: Path) -> None:
    assert variable_values(RELEASE, ["api_cpu"], files(tmp_path, "colour = 3\n")) == {"api_cpu": 256}


def test_a_value_that_terraform_refuses_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TandemError, match=r"terraform/release refuses its variables: .*object required"):
        variable_values(RELEASE, ["autoscaling"], files(tmp_path, "autoscaling = 3\n"))


def test_a_variable_without_a_value_is_an_error() -> None:
    with pytest.raises(TandemError, match="leaves one of platform without a value"):
        variable_values(RELEASE, ["platform"], [])
