"""A session of a role may do what the role's policies allow, and nothing else."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pipeline.local.moto import ControlPlane, start_control_plane

pytestmark = pytest.mark.slow

REGION = "eu-central-1"
ACCOUNT = "123456789012"
PASS = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
POLICY = [
    ("s3:GetObject", "arn:aws:s3:::state/release.tfstate", {}),
    ("ecs:RegisterTaskDefinition", "*", {"StringEquals": {"aws:RequestTag/Stack": "app"}}),
    ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/task", PASS),
    ("lambda:GetFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:api", {}),
    ("elasticloadbalancing:DescribeLoadBalancers", "*", {}),
    ("cloudwatch:PutDashboard", f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/ours", {}),
    ("cloudwatch:DeleteDashboards", f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/ours", {}),
    ("logs:GetLogEvents", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/ours:log-stream:*", {}),
]
TASK = {"containerDefinitions": [{"name": "a", "image": "b", "memory": 64}]}


@pytest.fixture(scope="module")
def control_plane() -> Iterator[ControlPlane]:
    control_plane = start_control_plane()
    yield control_plane
    control_plane.stop()


@pytest.fixture(scope="module")
def admin(control_plane: ControlPlane) -> boto3.Session:
    with pytest.MonkeyPatch.context() as patch:
        for key, value in control_plane.environ().items():
            patch.setenv(key, value)
        yield boto3.Session()


@pytest.fixture(scope="module")
def role(admin: boto3.Session) -> boto3.Session:
    statements = [
        {"Effect": "Allow", "Action": action, "Resource": resource, **({"Condition": when} if when else {})}
        for action, resource, when in POLICY
    ]
    iam = admin.client("iam")
    arn = iam.create_role(RoleName="release", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName="release", PolicyName="p", PolicyDocument=document)
    taken = admin.client("sts").assume_role(RoleArn=arn, RoleSessionName="ci")["Credentials"]
    admin.client("s3").create_bucket(Bucket="state", CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in ("release.tfstate", "platform.tfstate"):
        admin.client("s3").put_object(Bucket="state", Key=key, Body=b"state")
    return boto3.Session(taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"])


def denied(call: Any, **arguments: Any) -> bool:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_the_stacks_own_key_may_do_all(admin: boto3.Session) -> None:
    admin.client("ec2").delete_vpc(
        VpcId=admin.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    )


def test_an_object_is_read_where_allowed_and_nowhere_else(role: boto3.Session) -> None:
    s3 = role.client("s3")
    assert s3.get_object(Bucket="state", Key="release.tfstate")["Body"].read() == b"state"
    assert denied(s3.get_object, Bucket="state", Key="platform.tfstate")
    assert denied(s3.put_object, Bucket="state", Key="release.tfstate", Body=b"")


def test_a_task_definition_may_have_its_tag_and_its_role(role: boto3.Session) -> None:
    ecs, task_role = role.client("ecs"), f"arn:aws:iam::{ACCOUNT}:role/task"
    app_tags, other_tags = ([{"key": "Stack", "value": value}] for value in ("app", "other"))
    ecs.register_task_definition(family="app", taskRoleArn=task_role, tags=app_tags, **TASK)
    assert denied(ecs.register_task_definition, family="app", tags=other_tags, **TASK)
    assert denied(ecs.register_task_definition, family="app", **TASK)
    assert denied(
        ecs.register_task_definition, family="app", tags=app_tags, taskRoleArn=f"{task_role}-admin", **TASK
    )


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_a_role_of_another_partition_may_do_what_its_policies_allow(
    admin: boto3.Session, region: str, partition: str
) -> None:
    iam = admin.client("iam", region_name=region)
    role = iam.create_role(RoleName="there", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    table = f"arn:{partition}:dynamodb:{region}:{ACCOUNT}:table/ours"
    bucket = f"arn:{partition}:s3:::ours"
    statement = {
        "Effect": "Allow",
        "Action": ["dynamodb:DescribeTable", "s3:PutObject"],
        "Resource": [table, f"{bucket}/*"],
    }
    iam.put_role_policy(
        RoleName="there",
        PolicyName="p",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    taken = admin.client("sts", region_name=region).assume_role(RoleArn=role, RoleSessionName="ci")
    keys = (taken["Credentials"][key] for key in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
    session = boto3.Session(*keys, region_name=region)
    assert role.startswith(f"arn:{partition}:")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        session.client("dynamodb").describe_table(TableName="ours")
    assert denied(session.client("dynamodb").describe_table, TableName="theirs")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        session.client("s3").put_object(Bucket="ours", Key="a", Body=b"")
    assert denied(session.client("s3").put_object, Bucket="theirs", Key="a", Body=b"")


def test_dashboards_are_named_one_or_many(role: boto3.Session) -> None:
    watch = role.client("cloudwatch")
    watch.put_dashboard(DashboardName="ours", DashboardBody="{}")
    assert denied(watch.delete_dashboards, DashboardNames=["ours", "theirs"])
    watch.delete_dashboards(DashboardNames=["ours"])


def test_a_log_stream_is_read_where_allowed(admin: boto3.Session, role: boto3.Session) -> None:
    for group in ("/ours", "/theirs"):
        admin.client("logs").create_log_group(logGroupName=group)
        admin.client("logs").create_log_stream(logGroupName=group, logStreamName="s")
    role.client("logs").get_log_events(logGroupName="/ours", logStreamName="s")
    assert denied(role.client("logs").get_log_events, logGroupName="/theirs", logStreamName="s")


def test_a_function_is_seen_and_not_changed(role: boto3.Session) -> None:
    with pytest.raises(ClientError, match="ResourceNotFound"):  # allowed, but there is none
        role.client("lambda").get_function(FunctionName="api")
    assert denied(role.client("lambda").delete_function, FunctionName="api")


def test_what_the_policy_does_not_name_is_denied(role: boto3.Session) -> None:
    role.client("elbv2").describe_load_balancers()
    assert denied(role.client("ec2").describe_vpcs)
    assert denied(role.client("secretsmanager").get_secret_value, SecretId="other")
    assert denied(role.client("iam").create_role, RoleName="x", AssumeRolePolicyDocument="{}")


def test_a_denial_names_what_was_missing(role: boto3.Session) -> None:
    with pytest.raises(
        ClientError, match=r"not authorized to perform: ecs:UpdateService on resource: arn:aws"
    ):
        role.client("ecs").update_service(cluster="c", service="s", desiredCount=0)


def test_a_session_whose_role_is_gone_may_do_nothing(admin: boto3.Session) -> None:
    """It still learns who it is, as it does on AWS."""
    iam = admin.client("iam")
    arn = iam.create_role(RoleName="short-lived", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    taken = admin.client("sts").assume_role(RoleArn=arn, RoleSessionName="ci")["Credentials"]
    iam.delete_role(RoleName="short-lived")
    session = boto3.Session(taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"])
    assert session.client("sts").get_caller_identity()["Arn"].endswith("assumed-role/short-lived/ci")
    assert denied(session.client("s3").get_object, Bucket="state", Key="release.tfstate")
    assert denied(session.client("ecs").list_clusters)


def test_a_role_that_never_was_cannot_be_taken(admin: boto3.Session) -> None:
    assert denied(
        admin.client("sts").assume_role,
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/nobody",
        RoleSessionName="ci",
    )
