"""What is made again under the name of something deleted has none of its tags."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
import pytest

from pipeline.local.moto import start_control_plane

pytestmark = pytest.mark.slow

REGION, ACCOUNT = "eu-central-1", "123456789012"
IMAGE = "127.0.0.1:5000/tandem/api@sha256:" + "a" * 64
Client = Callable[[str], Any]
Tags = Mapping[str, str]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    control_plane = start_control_plane()
    with pytest.MonkeyPatch.context() as patch:
        for key, value in control_plane.environ().items():
            patch.setenv(key, value)
        yield boto3.Session().client
    control_plane.stop()


def _list(tags: Tags) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def log_group(client: Client, tags: Tags) -> tuple[Any, Callable[[], Any]]:
    logs = client("logs")
    logs.create_log_group(logGroupName="/g", tags=dict(tags))
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/g"
    return logs.list_tags_for_resource(resourceArn=arn)["tags"], lambda: logs.delete_log_group(
        logGroupName="/g"
    )


def alarm(client: Client, tags: Tags) -> tuple[Any, Callable[[], Any]]:
    watch = client("cloudwatch")
    watch.put_metric_alarm(
        AlarmName="a",
        Namespace="n",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Tags=_list(tags),
    )
    arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:a"
    return watch.list_tags_for_resource(ResourceARN=arn)["Tags"], lambda: watch.delete_alarms(
        AlarmNames=["a"]
    )


def rule(client: Client, tags: Tags) -> tuple[Any, Callable[[], Any]]:
    events = client("events")
    events.put_rule(Name="r", ScheduleExpression="rate(1 day)", Tags=_list(tags))
    arn = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/r"
    return events.list_tags_for_resource(ResourceARN=arn)["Tags"], lambda: events.delete_rule(Name="r")


def topic(client: Client, tags: Tags) -> tuple[Any, Callable[[], Any]]:
    sns = client("sns")
    arn = sns.create_topic(Name="t", Tags=_list(tags))["TopicArn"]
    return sns.list_tags_for_resource(ResourceArn=arn)["Tags"], lambda: sns.delete_topic(TopicArn=arn)


def bucket(client: Client, tags: Tags) -> tuple[Any, Callable[[], Any]]:
    s3 = client("s3")
    s3.create_bucket(Bucket="tags", CreateBucketConfiguration={"LocationConstraint": REGION})
    if tags:
        s3.put_bucket_tagging(Bucket="tags", Tagging={"TagSet": _list(tags)})
    try:
        listed_tags = s3.get_bucket_tagging(Bucket="tags")["TagSet"]
    except s3.exceptions.ClientError:
        listed_tags = []
    return listed_tags, lambda: s3.delete_bucket(Bucket="tags")


def function(client: Client, tags: Tags) -> tuple[Any, Callable[[], Any]]:
    functions = client("lambda")
    role = client("iam").create_role(RoleName="f", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = {"ImageUri": IMAGE}
    arn = functions.create_function(
        FunctionName="f", Role=role, PackageType="Image", Code=code, Tags=dict(tags)
    )["FunctionArn"]

    def delete() -> None:
        functions.delete_function(FunctionName="f")
        client("iam").delete_role(RoleName="f")

    return functions.list_tags(Resource=arn)["Tags"], delete


def repository(client: Client, tags: Tags) -> tuple[Any, Callable[[], Any]]:
    ecr = client("ecr")
    arn = ecr.create_repository(repositoryName="repository", tags=_list(tags))["repository"]["repositoryArn"]
    return ecr.list_tags_for_resource(resourceArn=arn)["tags"], lambda: ecr.delete_repository(
        repositoryName="repository"
    )


def table(client: Client, tags: Tags) -> tuple[Any, Callable[[], Any]]:
    dynamodb = client("dynamodb")
    arn = dynamodb.create_table(
        TableName="table",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=_list(tags),
    )["TableDescription"]["TableArn"]
    listed_tags = dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
    return listed_tags, lambda: dynamodb.delete_table(TableName="table")


def policy(client: Client, tags: Tags) -> tuple[Any, Callable[[], Any]]:
    iam = client("iam")
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = iam.create_policy(PolicyName="p", PolicyDocument=document, Tags=_list(tags))["Policy"]["Arn"]
    return iam.list_policy_tags(PolicyArn=arn)["Tags"], lambda: iam.delete_policy(PolicyArn=arn)


def proxy(client: Client, tags: Tags) -> tuple[Any, Callable[[], Any]]:
    rds, ec2 = client("rds"), client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{at}.0/24", AvailabilityZone=f"{REGION}{zone}")[
            "Subnet"
        ]["SubnetId"]
        for at, zone in enumerate("ab")
    ]
    arn = rds.create_db_proxy(
        DBProxyName="p",
        EngineFamily="MYSQL",
        Auth=[{"AuthScheme": "SECRETS", "SecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:a"}],
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/p",
        VpcSubnetIds=subnets,
        Tags=_list(tags),
    )["DBProxy"]["DBProxyArn"]
    return rds.list_tags_for_resource(ResourceName=arn)["TagList"], lambda: rds.delete_db_proxy(
        DBProxyName="p"
    )


def scalable_target(client: Client, tags: Tags) -> tuple[Any, Callable[[], Any]]:
    scaling = client("application-autoscaling")
    named = {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/c/s",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    ecs = client("ecs")
    ecs.create_cluster(clusterName="c")
    ecs.register_task_definition(family="f", containerDefinitions=[{"name": "a", "image": "i", "memory": 64}])
    ecs.create_service(cluster="c", serviceName="s", taskDefinition="f", desiredCount=0)
    scaling.register_scalable_target(**named, MinCapacity=1, MaxCapacity=2, Tags=dict(tags))
    (made,) = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]

    def delete() -> None:
        scaling.deregister_scalable_target(**named)
        ecs.delete_service(cluster="c", service="s", force=True)

    return scaling.list_tags_for_resource(ResourceARN=made["ScalableTargetARN"])["Tags"], delete


@pytest.mark.parametrize(
    "make",
    [log_group, alarm, rule, topic, bucket, function, repository, table, policy, proxy, scalable_target],
)
def test_tags_go_with_what_they_are_on(
    client: Client, make: Callable[[Client, Tags], tuple[Any, Callable[[], Any]]]
) -> None:
    tagged, delete = make(client, {"CostCenter": "42"})
    assert tagged
    delete()
    plain, delete = make(client, {})
    assert not plain
    delete()
