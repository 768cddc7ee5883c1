"""The role that terraform/modules/roles gives to the API is enough for every path, and changes nothing.

`reads.tftest.hcl` of that module asserts the same actions and resources of the Terraform code.
"""

import asyncio
import json

import pytest
from botocore.exceptions import ClientError
from botocore.session import get_session

from pipeline.deploy.store import Outcome
from pipeline.deploy.store.lock import held
from pipeline.local.moto import start_control_plane
from pipeline.records.shared import item
from tests.examples.test_lambda_and_server import request_of, through_lambda
from tests.records.example_record import RECORD
from tests.support.example_releases import make_release
from tests.support.signed_requests import client

pytestmark = pytest.mark.slow
BUCKET, TABLE = "shop-releases", "shop-records"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": f"arn:aws:s3:::{BUCKET}",
            "Condition": {"StringLike": {"s3:prefix": ["prod/*"]}},
        },
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/prod/*"},
        {
            "Effect": "Allow",
            "Action": "dynamodb:Query",
            "Resource": f"arn:aws:dynamodb:eu-central-1:123456789012:table/{TABLE}",
        },
        {
            "Effect": "Allow",
            "Action": [
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Action": "lambda:GetAlias",
            "Resource": "arn:aws:lambda:eu-central-1:123456789012:function:shop-api",
        },
    ],
}
PATHS = [
    *("status", "releases", "releases/1", "releases/1/diff/1", "events"),
    *("builds", "builds/trend", "comparisons", "queue", "exports", "environments"),
]
FORBIDDEN = [
    ("dynamodb", "put_item", {"TableName": TABLE, "Item": {"pk": {"S": "build"}, "sk": {"S": "x"}}}),
    ("dynamodb", "delete_item", {"TableName": TABLE, "Key": {"pk": {"S": "build"}, "sk": {"S": "x"}}}),
    ("dynamodb", "scan", {"TableName": TABLE}),
    ("s3", "put_object", {"Bucket": BUCKET, "Key": "prod/state.json", "Body": b"{}"}),
    ("s3", "delete_object", {"Bucket": BUCKET, "Key": "prod/state.json"}),
    ("s3", "get_object", {"Bucket": BUCKET, "Key": "dev/state.json"}),
    ("s3", "list_objects_v2", {"Bucket": BUCKET, "Prefix": "dev/"}),
    ("elbv2", "describe_load_balancers", {}),
    ("elbv2", "delete_target_group", {"TargetGroupArn": "arn:aws:elasticloadbalancing:::targetgroup/app/1"}),
    ("lambda", "get_alias", {"FunctionName": "other-api", "Name": "live"}),
    ("lambda", "get_function", {"FunctionName": "shop-api"}),
    ("lambda", "update_alias", {"FunctionName": "shop-api", "Name": "live", "FunctionVersion": "1"}),
]


@pytest.fixture
def account(store, tmp_path):
    """An account with a release, a build and an export, and the API's role in it."""
    release = store.add(make_release())
    with held(store.objects, "release", wait=1) as lease:
        store.record(release.number, Outcome.STARTED)
        store.succeed(release.number, lease.token)
    plane = start_control_plane()
    _fill(plane, tmp_path)
    yield plane
    plane.stop()


def _fill(plane, folder):
    s3, dynamodb = client(plane, "s3"), client(plane, "dynamodb")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    for file in folder.rglob("*.json"):
        for environment in ("prod", "dev"):
            key = f"{environment}/{file.relative_to(folder).as_posix()}"
            s3.put_object(Bucket=BUCKET, Key=key, Body=file.read_bytes())
    s3.put_object(Bucket=BUCKET, Key="prod/exports/records.csv", Body=b"a,b")
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )
    dynamodb.put_item(TableName=TABLE, Item=item(RECORD.document()))


def _balance(plane):
    """A load balancer with one target; its ARN."""
    elb, subnets = client(plane, "elbv2"), client(plane, "ec2").describe_subnets()["Subnets"][:2]
    made = elb.create_load_balancer(Name="shop", Subnets=[each["SubnetId"] for each in subnets])
    group = elb.create_target_group(
        Name="shop-app-1a2b", Protocol="HTTP", Port=80, TargetType="ip", VpcId=subnets[0]["VpcId"]
    )["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": "10.0.0.1"}])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    forward = {"Type": "forward", "TargetGroupArn": group}
    elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[forward])
    return arn


@pytest.fixture
def handler(account, monkeypatch, example, reconnect, api):  # noqa: ARG001 - `api` sets the variables first
    """Lambda's handler with the keys of the role."""
    iam, sts = client(account, "iam"), client(account, "sts")
    role = iam.create_role(RoleName="api", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    iam.put_role_policy(RoleName="api", PolicyName="reads", PolicyDocument=json.dumps(POLICY))
    keys = sts.assume_role(RoleArn=role, RoleSessionName="api")["Credentials"]
    for name, value in {
        **account.environ(),
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
        "TANDEM_RELEASES": f"s3://{BUCKET}/prod/",
        "TANDEM_RECORDS": TABLE,
        "TANDEM_LOAD_BALANCER": _balance(account),
        "TANDEM_FUNCTION": "shop-api",
    }.items():
        monkeypatch.setenv(name, value)
    reconnect()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield example("main").handler
    asyncio.set_event_loop(None)
    loop.close()


def test_it_is_enough_for_every_path(handler):
    answers = {path: through_lambda(handler, request_of(path=f"/api/{path}")) for path in PATHS}
    assert {path: status for path, (status, _, _) in answers.items() if status != 200} == {}
    status = json.loads(answers["status"][2])
    assert (status["environment"], status["current"]) == ("prod", 1)
    # There is no function: an alias that may be read is not found, another would be refused.
    targets = [{"group": "app", "states": {"initial": 1}}]
    assert status["serving"] == {"targets": targets, "versions": [], "unknown": ""}
    assert len(json.loads(answers["builds"][2])["builds"]) == 1
    assert through_lambda(handler, request_of(path="/api/exports/records.csv"))[0] == 307


@pytest.mark.usefixtures("handler")
def test_it_changes_nothing_and_reads_no_other_environment():
    for service, call, parameters in FORBIDDEN:
        made = get_session().create_client(service, region_name="eu-central-1")
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(made, call)(**parameters)
