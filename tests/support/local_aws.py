"""Fixtures for tests that need a release, moto in this process, or a platform that is played on it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from moto import mock_aws

from pipeline.aws.access import ENDPOINT
from pipeline.deploy.manifest import Release
from pipeline.local.moto import ControlPlane, prepare_moto, start_control_plane
from pipeline.local.target_health import TargetHealth
from tests.support.aws_access import aws
from tests.support.example_releases import make_release
from tests.support.quick_aws import do_not_sign, remember
from tests.support.stage import Stage


@pytest.fixture
def release() -> Release:
    """A release that nothing has applied."""
    return make_release()


@pytest.fixture
def mocked_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """moto in this process, empty and patched as in the local AWS; a call costs a sixth of one over HTTP."""
    with moto_in_process(monkeypatch):
        yield


@contextmanager
def moto_in_process(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same, for tests that no fixture reaches."""
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        patch.setenv(key, "local")
    for key in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        patch.setenv(key, "eu-central-1")
    patch.delenv(ENDPOINT, raising=False)
    prepare_moto(TargetHealth())
    remember()
    do_not_sign(patch)
    with mock_aws():
        yield


@pytest.fixture
def cloud(mocked_aws: None) -> None:  # noqa: ARG001 - the fixture
    """AWS with a bucket for releases."""
    aws().client("s3").create_bucket(
        Bucket="releases", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )


@pytest.fixture(scope="session")
def control() -> Iterator[ControlPlane]:
    """The local control plane, over HTTP as Terraform sees it."""
    plane = start_control_plane()
    yield plane
    plane.stop()


@pytest.fixture
def stage(mocked_aws: None) -> Stage:  # noqa: ARG001 - the fixture
    """A platform on moto, to which no release was applied."""
    return Stage()
