"""A provider for `terraform test`, and an account of our own that both roots are driven against."""

import os
from collections.abc import Iterator, Mapping

import boto3
import pytest

from tests.modules.account import Account, empty_account
from tests.modules.provider import shared_provider
from tests.modules.role_platform import admin, platform, release, role  # noqa: F401 - fixtures


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """What `terraform test` is run with, so that all its runs share one provider."""
    with shared_provider(tmp_path_factory.mktemp("provider")) as env:
        yield env


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with empty_account(tmp_path_factory.mktemp("project")) as made:
        yield made


@pytest.fixture
def release_role(account: Account, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """The release role, taken: Terraform and boto3 run as it until the test ends."""
    own = os.environ["AWS_ACCESS_KEY_ID"]
    for variable, value in account.release_credentials().items():
        monkeypatch.setenv(variable, value)
    assert os.environ["AWS_ACCESS_KEY_ID"] != own
    return boto3.Session()
