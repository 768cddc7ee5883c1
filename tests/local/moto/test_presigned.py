"""A presigned URL reads what it names, and every name of an object can be signed."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline.local.moto import ControlPlane, start_control_plane
from pipeline.local.stack_keys import StackKeys
from tests.registry import faulty
from tests.support.signed_requests import ask, client
from tests.support.signing import signer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    plane = start_control_plane()
    yield plane
    plane.stop()


def test_a_presigned_url_reads_its_object_and_no_other(plane: ControlPlane) -> None:
    s3 = client(plane, "s3")
    s3.create_bucket(Bucket="urls", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    for key in ("mine", "other"):
        s3.put_object(Bucket="urls", Key=key, Body=key.encode())
    url = presigned(s3, "mine")
    assert ask(plane, "GET", url, b"").read() == b"mine"
    assert ask(plane, "GET", url.replace("mine", "other"), b"").status == 403
    assert ask(plane, "GET", url.replace("Expires=60", "Expires=600"), b"").status == 403
    assert ask(plane, "GET", presigned(s3, "mine", seconds=-60), b"").status == 403


def presigned(s3: Any, key: str, seconds: int = 60) -> str:
    made = s3.generate_presigned_url("get_object", {"Bucket": "urls", "Key": key}, ExpiresIn=seconds)
    return "/" + str(made).split("/", 3)[3]


def test_a_presigned_url_of_a_role_is_bound_by_the_roles_policies(plane: ControlPlane) -> None:
    s3 = client(plane, "s3")
    s3.create_bucket(Bucket="roles", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="roles", Key="k", Body=b"k")
    role = client(plane, "iam").create_role(RoleName="none", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    taken = client(plane, "sts").assume_role(RoleArn=role, RoleSessionName="ci")["Credentials"]
    keys = StackKeys(taken["AccessKeyId"], taken["SecretAccessKey"])
    session = client(plane, "s3", keys, aws_session_token=taken["SessionToken"])
    url = session.generate_presigned_url("get_object", {"Bucket": "roles", "Key": "k"}, ExpiresIn=60)
    answer = ask(plane, "GET", "/" + str(url).split("/", 3)[3], b"")
    assert (answer.status, b"AccessDenied" in answer.read()) == (403, True)


@pytest.mark.parametrize("key", ["a b", "ü", "a+b", "a%2Fb", "a//b", "../c", "a?b=c&d", "~*'()", " x "])
def test_every_name_of_an_object_can_be_signed(plane: ControlPlane, key: str) -> None:
    s3 = client(plane, "s3")
    s3.create_bucket(Bucket="names", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="names", Key=key, Body=b"x", Metadata={"note": "a  b"})
    assert s3.get_object(Bucket="names", Key=key)["Body"].read() == b"x"
    assert s3.list_objects_v2(Bucket="names", Prefix=key)["KeyCount"] == 1
    s3.delete_object(Bucket="names", Key=key)
    s3.delete_bucket(Bucket="names")


def test_a_proxy_that_changes_requests_can_sign_them_again(plane: ControlPlane) -> None:
    """The fault suite's proxy does."""
    with faulty.proxy(f"127.0.0.1:{plane.port}") as (host, faults):
        s3 = client(plane, "s3", url=f"http://{host}")
        with pytest.raises(ClientError):
            s3.list_buckets()
        faults.sign = signer(plane.keys)
        faults.dropped |= {"amz-sdk-invocation-id"}
        s3.create_bucket(Bucket="proxied", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.put_object(Bucket="proxied", Key="a b", Body=b"x")
        assert s3.get_object(Bucket="proxied", Key="a b")["Body"].read() == b"x"
        client(plane, "ecs", url=f"http://{host}").list_clusters()
