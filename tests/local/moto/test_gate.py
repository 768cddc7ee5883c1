"""The control plane answers those who sign with its keys, and no page of a browser."""

import json
import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import botocore.auth
import pytest
from botocore.exceptions import ClientError

from pipeline.local.moto import ControlPlane, start_control_plane
from pipeline.local.stack_keys import StackKeys
from tests.support.signed_requests import BODY, ask, client
from tests.support.signing import signer

pytestmark = pytest.mark.slow

SECRET = "not for pages"


TARGET = "secretsmanager.GetSecretValue"


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    plane = start_control_plane()
    client(plane, "secretsmanager").create_secret(Name="s", SecretString=SECRET)
    yield plane
    plane.stop()


def rightly_signed(plane: ControlPlane, path: str = "/", **more: str) -> dict[str, str]:
    headers = {"X-Amz-Target": TARGET, "Content-Type": "application/x-amz-json-1.1"} | more
    return signer(plane.keys, "secretsmanager")("POST", plane.url + path, headers, BODY)


def test_a_request_that_is_rightly_signed_is_answered(plane: ControlPlane) -> None:
    answer = ask(plane, **rightly_signed(plane))
    assert json.loads(answer.read())["SecretString"] == SECRET


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/", {"Origin": "https://evil.example"}),
        ("POST", "/", {"Origin": "null"}),
        ("POST", "/", {"Origin": "http://127.0.0.1:8080"}),
        ("POST", "/", {"Host": "evil.example"}),
        ("POST", "/", {"Host": "localhost"}),
        ("POST", "/", {"Host": "127.0.0.1"}),
        ("POST", "/", {"Host": "127.0.0.1:1"}),
        ("POST", "/", {"Host": "evil.example@127.0.0.1"}),
        ("POST", "/", {"Host": ""}),
        ("OPTIONS", "/", {}),
        ("POST", "/moto-api/reset", {}),
        ("POST", "//moto-api/reset", {}),
        ("POST", "/%6doto-api/reset", {}),
        ("POST", "/./moto-api/reset", {}),
        ("POST", "/x/../moto-api/reset", {}),
        ("GET", "/moto-api/", {}),
        ("GET", "/moto-api", {}),
    ],
)
def test_a_browsers_request_is_refused_even_if_it_is_signed(
    plane: ControlPlane, method: str, path: str, headers: Mapping[str, str]
) -> None:
    answer = ask(plane, method, path, **rightly_signed(plane, path), **headers)
    text = answer.read().decode()
    assert (answer.status, answer.headers.get_content_type()) == (403, "text/plain")
    assert SECRET not in text
    assert client(plane, "secretsmanager").get_secret_value(SecretId="s")["SecretString"] == SECRET


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "AWS4-HMAC-SHA256"},
        {"Authorization": "Basic bG9jYWw6bG9jYWw="},
        {"Authorization": "AWS local:signature"},
    ],
)
def test_an_unsigned_request_is_refused(plane: ControlPlane, headers: Mapping[str, str]) -> None:
    answer = ask(plane, X_Amz_Target=TARGET, Content_Type="application/x-amz-json-1.1", **headers)
    assert answer.status == 403
    assert json.loads(answer.read())["__type"] == "MissingAuthenticationToken"


@pytest.mark.parametrize("path", ["/latest/meta-data/iam/security-credentials/", "/s3_eu-central-1/b", "/x"])
def test_no_path_needs_no_signature(plane: ControlPlane, path: str) -> None:
    assert ask(plane, "GET", path, b"").status == 403


@pytest.mark.parametrize("service", ["ec2", "sts", "s3", "ecs", "lambda", "dynamodb", "route53"])
def test_another_key_is_refused_in_every_protocol(plane: ControlPlane, service: str) -> None:
    assert refusal(plane, service, StackKeys("A" * 20, plane.keys.secret_key)) == "InvalidClientTokenId"
    assert refusal(plane, service, StackKeys(plane.keys.access_key, "guess")) == "SignatureDoesNotMatch"


def refusal(plane: ControlPlane, service: str, keys: StackKeys) -> str:
    calls = {
        "ec2": "describe_vpcs",
        "sts": "get_caller_identity",
        "s3": "list_buckets",
        "ecs": "list_clusters",
        "lambda": "list_functions",
        "dynamodb": "list_tables",
        "route53": "list_hosted_zones",
    }
    with pytest.raises(ClientError) as refused:
        getattr(client(plane, service, keys), calls[service])()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    return str(refused.value.response["Error"]["Code"])


def test_another_body_than_the_signed_one_is_refused(plane: ControlPlane) -> None:
    answer = ask(plane, body=b'{"SecretId": "t"}', **rightly_signed(plane))
    assert answer.status == 403


def test_a_body_that_differs_from_its_stated_hash_is_refused(plane: ControlPlane) -> None:
    headers = rightly_signed(plane, **{"X-Amz-Content-SHA256": "0" * 64})
    assert ask(plane, **headers).status == 403


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_signature_is_valid_for_a_quarter_of_an_hour(
    plane: ControlPlane, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=minutes)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: moment)
    answer = ask(plane, **rightly_signed(plane))
    assert (answer.status, json.loads(answer.read())["__type"]) == (403, "RequestExpired")


def test_a_header_that_was_signed_cannot_change(plane: ControlPlane) -> None:
    headers = rightly_signed(plane) | {"X-Amz-Target": "secretsmanager.DeleteSecret"}
    assert ask(plane, **headers).status == 403


def test_an_answer_is_not_replayed_to_somebody_else(plane: ControlPlane) -> None:
    """The idempotency of repeated calls lies behind the gate."""
    headers = rightly_signed(plane, **{"Amz-Sdk-Invocation-Id": "1234"})
    assert ask(plane, **headers).status == 200
    assert ask(plane, Amz_Sdk_Invocation_Id="1234").status == 403


def test_no_answer_invites_other_origins(plane: ControlPlane) -> None:
    s3 = client(plane, "s3")
    s3.create_bucket(Bucket="listed", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    answer_headers = [
        s3.list_buckets()["ResponseMetadata"]["HTTPHeaders"],
        client(plane, "ecs").list_clusters()["ResponseMetadata"]["HTTPHeaders"],
        dict(ask(plane, "OPTIONS", Access_Control_Request_Method="POST").headers),
    ]
    assert [
        name for headers in answer_headers for name in headers if name.lower().startswith("access-control")
    ] == []


def test_it_listens_on_one_loopback_address_only(plane: ControlPlane) -> None:
    """A server on 0.0.0.0 would answer on 127.0.0.2 too."""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", plane.port), timeout=1)


def test_a_session_of_a_role_needs_its_token(plane: ControlPlane) -> None:
    role = client(plane, "iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    taken = client(plane, "sts").assume_role(RoleArn=role, RoleSessionName="ci")["Credentials"]
    keys = StackKeys(taken["AccessKeyId"], taken["SecretAccessKey"])
    session = client(plane, "sts", keys, aws_session_token=taken["SessionToken"])
    assert session.get_caller_identity()["Arn"].endswith("assumed-role/r/ci")
    for token in (None, "another"):
        with pytest.raises(ClientError, match="InvalidClientTokenId"):
            client(plane, "sts", keys, aws_session_token=token).get_caller_identity()


def test_an_expired_session_is_refused(plane: ControlPlane) -> None:
    from moto.sts.models import sts_backends  # noqa: PLC0415 - moto reads its settings at import

    role = client(plane, "iam").create_role(RoleName="e", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    taken = client(plane, "sts").assume_role(RoleArn=role, RoleSessionName="old")["Credentials"]
    sessions = sts_backends["123456789012"]["aws"].assumed_roles
    session = next(each for each in sessions if each.access_key_id == taken["AccessKeyId"])
    session.expiration = session.expiration.replace(year=2000)
    keys = StackKeys(taken["AccessKeyId"], taken["SecretAccessKey"])
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client(plane, "sts", keys, aws_session_token=taken["SessionToken"]).get_caller_identity()


def test_a_users_key_is_accepted_while_it_is_active(plane: ControlPlane) -> None:
    iam = client(plane, "iam")
    iam.create_user(UserName="u")
    key = iam.create_access_key(UserName="u")["AccessKey"]
    keys = StackKeys(key["AccessKeyId"], key["SecretAccessKey"])
    assert client(plane, "sts", keys).get_caller_identity()["Arn"].endswith("user/u")
    iam.update_access_key(UserName="u", AccessKeyId=keys.access_key, Status="Inactive")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client(plane, "sts", keys).get_caller_identity()
