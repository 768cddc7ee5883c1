"""`make lint` finds a configuration that Terraform would refuse, before anybody plans it."""

import shutil
from pathlib import Path

import pytest

from pipeline.core.paths import TERRAFORM
from pipeline.terraform import validate

pytestmark = pytest.mark.terraform


@pytest.fixture
def terraform(tmp_path: Path) -> Path:
    return shutil.copytree(TERRAFORM, tmp_path / "terraform", ignore=shutil.ignore_patterns("tests"))


def test_a_variable_that_a_module_does_not_have_is_found(terraform: Path) -> None:
    with (terraform / "release" / "main.tf").open("a") as file:
        file.write('module "more" {\n  source = "../modules/dashboard"\n  colour = "red"\n}\n')
    assert '"colour" is not expected here' in validate.problem(terraform / "release")


def test_a_module_that_is_not_there_is_found(terraform: Path) -> None:
    shutil.rmtree(terraform / "modules" / "dashboard")
    assert "Unreadable module directory" in validate.problem(terraform / "release")
