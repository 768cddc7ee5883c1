"""One release, and local AWS in process."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from moto import mock_aws
from moto.core.base_backend import BackendDict

from pipeline import aws
from pipeline.local.control import ControlPlane, start
from pipeline.release import Release
from tests.release.made import make_release
from tests.release.stage import Stage

# Machines that run this are shared: a slow example is no failure.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


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
    monkeypatch.delenv(aws.ENDPOINT, raising=False)
    with mock_aws():
        aws.client("s3").create_bucket(
            Bucket="releases", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        yield


@pytest.fixture(scope="package")
def control() -> Iterator[ControlPlane]:
    """The local control plane, over HTTP as Terraform sees it."""
    plane = start()
    yield plane
    plane.stop()


@pytest.fixture
def stage(control: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> Stage:
    for key, value in control.environ().items():
        monkeypatch.setenv(key, value)
    backends: Any = BackendDict
    backends.reset()
    return Stage()
