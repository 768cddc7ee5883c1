"""The state bucket is made once, and safe."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from pipeline.aws.access import Aws
from pipeline.aws.state_bucket import bootstrap, object_version
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project, Settings
from pipeline.local.moto import ControlPlane, start_control_plane
from tests.support.aws_access import aws

pytestmark = pytest.mark.slow

SOURCES = {name: {"repository": name} for name in ("app", "static", "api")}


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    plane = start_control_plane()
    yield plane
    plane.stop()


@pytest.fixture(autouse=True)
def environment(plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in plane.environ().items():
        monkeypatch.setenv(key, value)


def project(tmp_path: Path, **environments: dict[str, str]) -> Project:
    return Project(
        tmp_path, Settings.model_validate({"sources": SOURCES, "environments": {**environments, "dev": {}}})
    )


def test_the_bucket_is_versioned_encrypted_and_private(tmp_path: Path) -> None:
    state = bootstrap(aws(), project(tmp_path), "dev")
    s3 = boto3.Session().client("s3")
    assert s3.get_bucket_versioning(Bucket=state.bucket)["Status"] == "Enabled"
    blocked = s3.get_public_access_block(Bucket=state.bucket)["PublicAccessBlockConfiguration"]
    assert all(blocked.values())
    assert s3.get_bucket_encryption(Bucket=state.bucket)["ServerSideEncryptionConfiguration"]["Rules"]


def test_old_states_expire(tmp_path: Path) -> None:
    state = bootstrap(aws(), project(tmp_path), "dev")
    s3 = boto3.Session().client("s3")
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=state.bucket)["Rules"]
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 90


@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:1"])
def test_requests_without_tls_are_refused_in_aws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    """The local AWS speaks plain HTTP: its bucket has no such policy."""
    access = replace(aws(), endpoint=endpoint)
    client = boto3.Session().client
    monkeypatch.setattr(Aws, "client", lambda _, name: client(name))
    state = bootstrap(access, project(tmp_path), "dev")
    s3 = client("s3")
    if endpoint:
        with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
            s3.get_bucket_policy(Bucket=state.bucket)
        return
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=state.bucket)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [f"arn:aws:s3:::{state.bucket}", f"arn:aws:s3:::{state.bucket}/*"]
    s3.delete_bucket_policy(Bucket=state.bucket)


def test_a_second_bootstrap_changes_nothing(tmp_path: Path) -> None:
    first = bootstrap(aws(), project(tmp_path), "dev")
    boto3.Session().client("s3").put_object(Bucket=first.bucket, Key="platform.tfstate", Body=b"state")
    assert bootstrap(aws(), project(tmp_path), "dev") == first
    assert (
        boto3.Session().client("s3").get_object(Bucket=first.bucket, Key="platform.tfstate")["Body"].read()
        == b"state"
    )


def test_another_account_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TandemError, match="belong to account 123456789012, but prod is account 999999999999"):
        bootstrap(aws(), project(tmp_path, prod={"account_id": "999999999999"}), "prod")


@pytest.mark.usefixtures("cloud")
def test_each_write_of_a_state_makes_it_another() -> None:
    s3 = aws().client("s3")
    s3.put_bucket_versioning(Bucket="releases", VersioningConfiguration={"Status": "Enabled"})
    assert object_version(aws(), "releases", "x.tfstate") == ""
    assert object_version(aws(), "none", "x.tfstate") == ""
    versions = []
    for _ in range(2):
        s3.put_object(Bucket="releases", Key="x.tfstate", Body=b"the same")
        versions.append(object_version(aws(), "releases", "x.tfstate"))
    assert versions[0] != versions[1]
    assert versions[1] == object_version(aws(), "releases", "x.tfstate")
