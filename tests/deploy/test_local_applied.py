"""The mark of an applied root tells of that root with those variables, until anything else is applied."""

from pathlib import Path

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import TERRAFORM
from pipeline.deploy.local_applied import AppliedMarker
from pipeline.local.moto import ControlPlane
from pipeline.terraform.root import TerraformRoot
from tests.support.aws_access import aws


def mark(file: Path, text: str) -> AppliedMarker:
    file.write_text(text)
    return AppliedMarker.of(
        aws(), TerraformRoot(TERRAFORM / "platform", file.parent, {}, {"bucket": "releases"}, [file])
    )


@pytest.mark.slow
def test_it_holds_for_what_was_applied_last(
    tmp_path: Path, control: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in control.environ().items():
        monkeypatch.setenv(key, value)
    file = tmp_path / "local.tfvars"
    aws().client("s3").create_bucket(
        Bucket="releases", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    tasks = mark(file, 'api_runtime = "fargate"')
    assert not tasks.is_set()
    tasks.set()
    assert tasks.is_set()
    function = mark(file, 'api_runtime = "lambda"')
    assert not function.is_set()
    function.clear()  # about to be applied, and perhaps never settled
    assert not tasks.is_set()


@pytest.mark.usefixtures("cloud")
def test_nothing_is_marked_in_a_real_account(tmp_path: Path) -> None:
    with pytest.raises(TandemError, match="would reach a real AWS account"):
        mark(tmp_path / "local.tfvars", "")
