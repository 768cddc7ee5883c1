"""The local IAM refuses policies that are too large for AWS, and grants what attached policies allow."""

import json
from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError

from pipeline.local.moto import start_control_plane
from tests.local.moto.test_iam import denied

pytestmark = pytest.mark.slow

ROLE = {"RoleName": "r", "AssumeRolePolicyDocument": "{}"}


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    control_plane = start_control_plane()
    for key, value in control_plane.environ().items():
        monkeypatch.setenv(key, value)
    session = boto3.Session()
    session.client("iam").create_role(**ROLE)
    yield session
    control_plane.stop()


def policy(size: int, indent: int | None = None) -> str:
    """A policy with this many characters beside its white space."""
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    missing = size - len(json.dumps(document, separators=(",", ":")))
    statement["Resource"] += "x" * missing
    return json.dumps(document, indent=indent, separators=(",", ":"))


def put(admin: boto3.Session, name: str, document: str) -> None:
    admin.client("iam").put_role_policy(RoleName="r", PolicyName=name, PolicyDocument=document)


def test_the_inline_policies_of_a_role_have_10240_characters_together(admin: boto3.Session) -> None:
    put(admin, "a", policy(10000))
    put(admin, "b", policy(240, indent=4))
    put(admin, "b", policy(240))
    with pytest.raises(
        ClientError, match=r"LimitExceeded.*Maximum policy size of 10240 bytes exceeded for role r"
    ):
        put(admin, "b", policy(241))
    names = admin.client("iam").list_role_policies(RoleName="r")["PolicyNames"]
    assert sorted(names) == ["a", "b"]


def test_a_managed_policy_has_6144_characters(admin: boto3.Session) -> None:
    iam = admin.client("iam")
    arn = iam.create_policy(PolicyName="p", PolicyDocument=policy(6144, indent=2))["Policy"]["Arn"]
    for call, arguments in (
        (iam.create_policy, {"PolicyName": "q"}),
        (iam.create_policy_version, {"PolicyArn": arn, "SetAsDefault": True}),
    ):
        with pytest.raises(ClientError, match=r"LimitExceeded.*Cannot exceed quota for PolicySize: 6144"):
            call(**arguments, PolicyDocument=policy(6145))


def test_a_role_has_ten_managed_policies(admin: boto3.Session) -> None:
    iam = admin.client("iam")
    arns = [
        iam.create_policy(PolicyName=f"p{at}", PolicyDocument=policy(200))["Policy"]["Arn"]
        for at in range(11)
    ]
    for arn in [*arns[:10], arns[0]]:
        iam.attach_role_policy(RoleName="r", PolicyArn=arn)
    with pytest.raises(ClientError, match=r"LimitExceeded.*Cannot exceed quota for PoliciesPerRole: 10"):
        iam.attach_role_policy(RoleName="r", PolicyArn=arns[10])


def test_a_trust_policy_has_2048_characters(admin: boto3.Session) -> None:
    iam = admin.client("iam")
    principal = {"Service": "x.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Sid": "x" * 2048}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    match = r"LimitExceeded.*Cannot exceed quota for ACLSizePerRole: 2048"
    with pytest.raises(ClientError, match=match):
        iam.create_role(RoleName="other", AssumeRolePolicyDocument=document)
    with pytest.raises(ClientError, match=match):
        iam.update_assume_role_policy(RoleName="r", PolicyDocument=document)


def test_an_attached_policy_is_granted_within_the_boundary(admin: boto3.Session) -> None:
    iam = admin.client("iam")
    documents = {
        "all": ["ec2:DescribeVpcs", "ec2:DescribeSubnets"],
        "boundary": ["ec2:DescribeVpcs"],
    }
    arns = {}
    for name, actions in documents.items():
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        arns[name] = iam.create_policy(PolicyName=name, PolicyDocument=text)["Policy"]["Arn"]
    role = iam.create_role(
        RoleName="bound",
        Path="/team/",
        AssumeRolePolicyDocument="{}",
        PermissionsBoundary=arns["boundary"],
    )["Role"]["Arn"]
    taken = admin.client("sts").assume_role(RoleArn=role, RoleSessionName="ci")["Credentials"]
    session = boto3.Session(taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"])
    assert denied(session.client("ec2").describe_vpcs)
    iam.attach_role_policy(RoleName="bound", PolicyArn=arns["all"])
    session.client("ec2").describe_vpcs()
    assert denied(session.client("ec2").describe_subnets)
