"""Fixtures for tests that need a release, AWS in this process, or a platform on the local control plane."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws
from moto.core.base_backend import BackendDict

from pipeline.aws.client import ENDPOINT
from pipeline.deploy.manifest import Release
from pipeline.local.moto import ControlPlane, start_control_plane
from tests.support.aws_access import aws
from tests.support.example_releases import make_release
from tests.support.stage import Stage


@pytest.fixture
def release() -> Release:
    return make_release()


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """moto in this process."""
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "local")
    for key in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(key, "eu-central-1")
    monkeypatch.delenv(ENDPOINT, raising=False)
    with mock_aws():
        aws().client("s3").create_bucket(
            Bucket="releases", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        yield


@pytest.fixture(scope="session")
def control() -> Iterator[ControlPlane]:
    """The local control plane, over HTTP as Terraform sees it."""
    plane = start_control_plane()
    yield plane
    plane.stop()


@pytest.fixture
def stage(control: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> Stage:
    for key, value in control.environ().items():
        monkeypatch.setenv(key, value)
    backends: Any = BackendDict
    backends.reset()
    return Stage()
