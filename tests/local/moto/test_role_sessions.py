"""Containers reach the control plane on an address of their own, with the keys of their role."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.sts.models import sts_backends

from pipeline.core.errors import TandemError
from pipeline.local.moto import ControlPlane, role_sessions, start_control_plane
from pipeline.local.moto.role_sessions import RoleSession, close_session, open_session

pytestmark = pytest.mark.slow

REGION, ACCOUNT = "eu-central-1", "123456789012"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::releases/*"}
LIST = {
    "Effect": "Allow",
    "Action": "s3:ListBucket",
    "Resource": "arn:aws:s3:::releases",
    "Condition": {"StringLike": {"s3:prefix": ["local/*"]}},
}


@pytest.fixture(scope="module")
def control_plane() -> Iterator[ControlPlane]:
    control_plane = start_control_plane()
    yield control_plane
    control_plane.stop()


@pytest.fixture(scope="module")
def url(control_plane: ControlPlane) -> str:
    return control_plane.listen("127.0.0.2")


@pytest.fixture(scope="module")
def role(control_plane: ControlPlane) -> str:
    admin = _client("iam", control_plane.url, control_plane.keys)
    arn = str(admin.create_role(RoleName="reader", AssumeRolePolicyDocument="{}")["Role"]["Arn"])
    document = json.dumps({"Version": "2012-10-17", "Statement": [READ, LIST]})
    admin.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=document)
    s3 = _client("s3", control_plane.url, control_plane.keys)
    s3.create_bucket(Bucket="releases", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="releases", Key="1", Body=b"one")
    return arn


def _client(service: str, url: str, keys: Any) -> Any:
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        aws_session_token=getattr(keys, "token", None),
        config=Config(retries={"total_max_attempts": 1}),
    )


def _code(session: RoleSession, url: str) -> str:
    """AWS's error code for writing an object; empty if it was written."""
    try:
        _client("s3", url, session).put_object(Bucket="releases", Key="2", Body=b"two")
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_a_session_may_do_what_its_role_may_and_no_more(url: str, role: str) -> None:
    session = open_session(ACCOUNT, REGION, role, "api")
    answer = _client("s3", url, session).get_object(Bucket="releases", Key="1")
    assert answer["Body"].read() == b"one"
    assert _code(session, url) == "AccessDenied"


def test_a_session_may_list_the_prefix_that_its_role_names(url: str, role: str) -> None:
    client = _client("s3", url, open_session(ACCOUNT, REGION, role, "api"))
    assert client.list_objects_v2(Bucket="releases", Prefix="local/trail/")["KeyCount"] == 0
    for elsewhere in ({"Prefix": "prod/"}, {}):
        with pytest.raises(ClientError, match="AccessDenied"):
            client.list_objects_v2(Bucket="releases", **elsewhere)


def test_a_closed_session_is_refused(url: str, role: str) -> None:
    session, other = (open_session(ACCOUNT, REGION, role, "api") for _ in range(2))
    close_session(ACCOUNT, session)
    close_session(ACCOUNT, session)
    assert _code(session, url) == "InvalidClientTokenId"
    assert _code(other, url) == "AccessDenied", "another session of the same role stays"


def test_expired_sessions_are_forgotten(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(role_sessions, "LIFETIME", timedelta(seconds=-1))
    expired = open_session(ACCOUNT, REGION, role, "api")
    open_session(ACCOUNT, REGION, role, "api")
    keys = [each.access_key_id for each in sts_backends[ACCOUNT]["aws"].assumed_roles]
    assert expired.access_key not in keys


def test_the_address_for_containers_answers_signed_requests_to_its_own_name_only(
    url: str, control_plane: ControlPlane
) -> None:
    assert httpx.post(url).status_code == 403
    assert httpx.post(url, headers={"Host": f"127.0.0.1:{control_plane.port}"}).status_code == 403
    identity = _client("sts", url, control_plane.keys).get_caller_identity()
    assert identity["Account"] == ACCOUNT


def test_an_address_of_another_machine_is_refused(control_plane: ControlPlane) -> None:
    with pytest.raises(TandemError, match=r"cannot listen on 192\.0\.2\.1"):
        control_plane.listen("192.0.2.1")
