"""The door to AWS."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from pipeline.aws import access, client_errors, endpoints
from pipeline.core.errors import TandemError
from tests.registry import faulty
from tests.support.aws_access import aws


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "local")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.delenv(access.ENDPOINT, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    access._client.cache_clear()
    access._session.cache_clear()
    yield
    access._client.cache_clear()
    access._session.cache_clear()


@set_initial_no_auth_action_count(0)
def _enforced(call: Callable[[], object]) -> None:
    call()


@pytest.mark.slow
def test_a_missing_permission_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_aws():
        iam = boto3.client("iam", region_name="eu-central-1")
        iam.create_user(UserName="someone")
        key = iam.create_access_key(UserName="someone")["AccessKey"]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        with pytest.raises(TandemError, match="lacks the permission ecs:ListClusters") as caught:
            _enforced(aws().client("ecs").list_clusters)
    assert "policy" in caught.value.hint


def test_an_ordinary_refusal_stays_readable_to_its_caller() -> None:
    with mock_aws(), pytest.raises(aws().client("s3").exceptions.NoSuchBucket):
        aws().client("s3").list_objects_v2(Bucket="nobody-has-this")


def test_what_was_asked_is_part_of_the_message() -> None:
    with (
        mock_aws(),
        pytest.raises(TandemError, match=r"cannot read the releases: NoSuchBucket"),
        client_errors.explain_errors("read the releases"),
    ):
        aws().client("s3").list_objects_v2(Bucket="nobody-has-this")


@pytest.mark.slow
def test_an_endpoint_that_nobody_answers_on_is_an_error_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    monkeypatch.setenv(access.ENDPOINT, f"http://127.0.0.1:{port}")
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(TandemError, match="AWS does not answer") as caught:
        aws().client("sts").get_caller_identity()
    assert caught.value.hint.startswith("make up")


@pytest.mark.slow
def test_an_error_without_words_is_an_error_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    """A load balancer in front of AWS, or a proxy on the way, may answer with an empty page."""
    with faulty.proxy("127.0.0.1:1") as (host, faults):
        faults.decide = lambda _method, _path: 429
        monkeypatch.setenv(access.ENDPOINT, f"http://{host}")
        monkeypatch.setattr("time.sleep", lambda _: None)
        with pytest.raises(TandemError, match="cannot be read") as caught:
            aws().client("iam").get_role(RoleName="some")
    assert "run the same command again" in caught.value.hint


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException"])
def test_expired_credentials_are_called_expired(code: str) -> None:
    error = client_errors._credentials_error(code, "", "sts:GetCallerIdentity")
    assert error is not None
    assert "expired" in error.message


@pytest.mark.parametrize("endpoint", ["", "https://ecs.eu-central-1.amazonaws.com"])
def test_local_commands_refuse_to_reach_a_real_account(
    monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    monkeypatch.setenv(access.ENDPOINT, endpoint)
    with pytest.raises(TandemError, match="real AWS account"):
        aws().require_local()


def test_a_region_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(TandemError, match="no AWS region"):
        aws().client("sts")


@pytest.mark.parametrize(
    ("url", "is_of_aws"),
    [
        ("https://s3.eu-central-1.amazonaws.com", True),
        ("https://ecs.cn-north-1.amazonaws.com.cn", True),
        ("https://s3.dualstack.us-east-1.api.aws", True),
        ("https://sts.eusc-de-east-1.amazonaws.eu", True),
        ("http://s3.eu-central-1.amazonaws.com", False),
        ("https://evilamazonaws.com", False),
        ("https://s3.amazonaws.com.evil.example", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_an_address_of_aws_is_told_from_others(url: str, is_of_aws: bool) -> None:  # noqa: FBT001 - the case's outcome
    assert endpoints.is_of_aws(url) == is_of_aws


def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's profile leads to another AWS."""
    config = tmp_path / "config"
    config.write_text("[profile other]\nregion = eu-central-1\nendpoint_url = http://127.0.0.1:1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "other")


def test_a_profile_that_leads_elsewhere_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile(tmp_path, monkeypatch)
    with pytest.raises(TandemError, match=r"AWS.s sts is http://127\.0\.0\.1:1, which is not AWS"):
        access.Aws("eu-central-1").client("sts")


def test_a_profile_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(TandemError, match=r"profile \(nobody\) could not be found") as refused:
        access.Aws("eu-central-1").client("sts")
    assert "AWS_PROFILE" in refused.value.hint


@pytest.mark.parametrize("name", ["other", "nobody"])
def test_the_local_stack_is_nobodys_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    profile(tmp_path, monkeypatch)
    monkeypatch.setenv("AWS_PROFILE", name)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:2")
    local = access.Aws("eu-central-1", "http://127.0.0.1:3", "key", "secret").client("sts")
    assert local.meta.endpoint_url == "http://127.0.0.1:3"
