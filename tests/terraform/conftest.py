"""An account of our own: the control plane in this process, both roots driven as the pipeline drives them."""

import os
from collections.abc import Iterator

import boto3
import pytest

from tests.terraform.account import Account, empty


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with empty(tmp_path_factory.mktemp("project")) as made:
        yield made


@pytest.fixture
def release_role(account: Account, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """The release role, taken: Terraform and boto3 run as it until the test ends."""
    for variable, value in account.release_credentials().items():
        monkeypatch.setenv(variable, value)
    assert os.environ["AWS_ACCESS_KEY_ID"] != "local"
    return boto3.Session()
