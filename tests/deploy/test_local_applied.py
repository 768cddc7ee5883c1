"""The mark of an applied root tells of that root with those variables, until anything else is applied."""

from pathlib import Path

import pytest

from pipeline.core.paths import TERRAFORM
from pipeline.deploy.local_applied import Applied
from pipeline.terraform.roots import Terraform


def mark(file: Path, text: str) -> Applied:
    file.write_text(text)
    return Applied.of(Terraform(TERRAFORM / "platform", file.parent, {}, {"bucket": "releases"}, [file]))


@pytest.mark.usefixtures("cloud")
def test_it_holds_for_what_was_applied_last(tmp_path: Path) -> None:
    file = tmp_path / "local.tfvars"
    tasks = mark(file, 'api_runtime = "fargate"')
    assert not tasks.is_set()
    tasks.set()
    assert tasks.is_set()
    function = mark(file, 'api_runtime = "lambda"')
    assert not function.is_set()
    function.clear()  # about to be applied, and perhaps never settled
    assert not tasks.is_set()
