"""The control plane answers Terraform and boto3 as AWS would, where plain moto does not."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from pipeline.local.moto import ControlPlane, InvokeResponse, on_invoke, start_control_plane, throttled
from pipeline.local.target_health import TargetHealthState

IMAGE = "127.0.0.1:5000/tandem/api@sha256:"


@pytest.fixture(scope="module")
def control_plane() -> Iterator[ControlPlane]:
    control_plane = start_control_plane()
    yield control_plane
    control_plane.stop()


@pytest.fixture
def client(control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> Any:
    for key, value in control_plane.environ().items():
        monkeypatch.setenv(key, value)
    return boto3.Session().client


@pytest.fixture(scope="module")
def named() -> Iterator[str]:
    numbers = iter(range(100))
    return (f"api{number}" for number in numbers)


@pytest.fixture
def function(client: Any, named: Iterator[str]) -> str:
    name = next(named)
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    image = IMAGE + "a" * 64
    client("lambda").create_function(
        FunctionName=name, Role=role, PackageType="Image", Code={"ImageUri": image}, Publish=True
    )
    return name


def test_a_published_version_keeps_its_image(client: Any, function: str) -> None:
    aws = client("lambda")
    aws.update_function_code(FunctionName=function, ImageUri=IMAGE + "b" * 64, Publish=True)
    images = [
        aws.get_function(FunctionName=function, Qualifier=version)["Code"]["ImageUri"] for version in "12"
    ]
    assert images == [IMAGE + "a" * 64, IMAGE + "b" * 64]


def test_code_for_another_processor_changes_the_function(client: Any, function: str) -> None:
    aws = client("lambda")
    aws.update_function_code(
        FunctionName=function, ImageUri=IMAGE + "b" * 64, Architectures=["arm64"], Publish=True
    )
    found = [
        aws.get_function_configuration(FunctionName=function, Qualifier=version)["Architectures"]
        for version in ("1", "2")
    ]
    assert found == [["x86_64"], ["arm64"]]


def test_invoke_asks_the_attached_runner(client: Any, function: str) -> None:
    asked = []

    def run(name: str, qualifier: str, payload: bytes) -> InvokeResponse:
        asked.append((name, qualifier, json.loads(payload)))
        return InvokeResponse(b'"done"', version="1", log=b"hello")

    on_invoke(run)
    answer = client("lambda").invoke(
        FunctionName=function, Qualifier="1", Payload=b'{"a": 1}', LogType="Tail"
    )
    assert [(function, "1", {"a": 1})] == asked
    assert (answer["Payload"].read(), answer["ExecutedVersion"]) == (b'"done"', "1")


def test_invoke_by_alias_arn_names_the_alias(client: Any, function: str) -> None:
    aws = client("lambda")
    alias = aws.create_alias(FunctionName=function, Name="live", FunctionVersion="1")["AliasArn"]
    on_invoke(lambda name, qualifier, _: InvokeResponse(f"{name}:{qualifier}".encode()))
    assert f"{function}:live".encode() == aws.invoke(FunctionName=alias)["Payload"].read()


def test_a_failed_function_says_so(client: Any, function: str) -> None:
    on_invoke(lambda *_: InvokeResponse(b"{}", error="Unhandled"))
    assert client("lambda").invoke(FunctionName=function)["FunctionError"] == "Unhandled"


def test_a_throttle_is_the_error_that_clients_know(client: Any, function: str) -> None:
    on_invoke(lambda *_: throttled("2"))
    aws = client("lambda", config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises(aws.exceptions.TooManyRequestsException) as caught:
        aws.invoke(FunctionName=function)
    assert caught.value.response["Error"]["Message"] == "Rate Exceeded."
    assert caught.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429


def test_function_settings_survive(client: Any, function: str) -> None:
    aws = client("lambda")
    aws.update_function_configuration(
        FunctionName=function,
        LoggingConfig={"LogFormat": "JSON"},
        TracingConfig={"Mode": "Active"},
        ImageConfig={"Command": ["main.other"]},
    )
    found = aws.get_function_configuration(FunctionName=function)
    assert found["LoggingConfig"] == {"LogFormat": "JSON"}
    assert found["TracingConfig"] == {"Mode": "Active"}
    assert found["ImageConfigResponse"]["ImageConfig"]["Command"] == ["main.other"]


def test_provisioned_concurrency_comes_and_goes(client: Any, function: str) -> None:
    aws, which = client("lambda"), {"FunctionName": function, "Qualifier": "1"}
    aws.put_provisioned_concurrency_config(**which, ProvisionedConcurrentExecutions=2)
    assert aws.get_provisioned_concurrency_config(**which)["Status"] == "READY"
    aws.delete_provisioned_concurrency_config(**which)
    with pytest.raises(aws.exceptions.ProvisionedConcurrencyConfigNotFoundException):
        aws.get_provisioned_concurrency_config(**which)


def test_a_service_keeps_its_settings_and_its_running_count(client: Any) -> None:
    aws = client("ecs")
    aws.create_cluster(clusterName="c")
    aws.register_task_definition(family="f", containerDefinitions=[{"name": "a", "image": "b", "memory": 64}])
    aws.create_service(
        cluster="c",
        serviceName="s",
        taskDefinition="f:1",
        desiredCount=1,
        launchType="FARGATE",
        healthCheckGracePeriodSeconds=7,
        enableECSManagedTags=True,
        availabilityZoneRebalancing="ENABLED",
        deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
    )
    aws.update_service(cluster="c", service="s", desiredCount=3)
    (service,) = aws.describe_services(cluster="c", services=["s"])["services"]
    assert (
        service["runningCount"],
        service["desiredCount"],
        service["healthCheckGracePeriodSeconds"],
        service["enableECSManagedTags"],
    ) == (0, 3, 7, True)
    assert service["availabilityZoneRebalancing"] == "ENABLED"
    assert service["deploymentConfiguration"]["deploymentCircuitBreaker"]["rollback"]


def test_target_health_is_what_the_load_balancer_found(control_plane: ControlPlane, client: Any) -> None:
    vpc = client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    aws = client("elbv2")
    group = aws.create_target_group(Name="g", Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip")
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    aws.register_targets(TargetGroupArn=arn, Targets=[{"Id": "10.0.0.9", "Port": 8080}])
    control_plane.health.set(
        arn, ("10.0.0.9", 8080), TargetHealthState.UNHEALTHY, "Target.FailedHealthChecks"
    )
    control_plane.health.set(
        arn, ("10.0.0.8", 8080), TargetHealthState.DRAINING, "Target.DeregistrationInProgress"
    )
    found = aws.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    states = {entry["Target"]["Id"]: entry["TargetHealth"]["State"] for entry in found}
    assert states == {"10.0.0.9": "unhealthy", "10.0.0.8": "draining"}


def test_a_log_group_takes_a_key_and_gives_it_back(client: Any) -> None:
    aws, key = client("logs"), "arn:aws:kms:eu-central-1:123456789012:key/1"
    aws.create_log_group(logGroupName="/keyed")
    aws.associate_kms_key(logGroupName="/keyed", kmsKeyId=key)
    assert aws.describe_log_groups(logGroupNamePrefix="/keyed")["logGroups"][0]["kmsKeyId"] == key
    aws.disassociate_kms_key(logGroupName="/keyed")
    assert "kmsKeyId" not in aws.describe_log_groups(logGroupNamePrefix="/keyed")["logGroups"][0]
    with pytest.raises(ClientError, match="does not exist"):
        aws.associate_kms_key(logGroupName="/none", kmsKeyId=key)


def test_a_table_changes_its_key(client: Any) -> None:
    aws, key = client("dynamodb"), client("kms").create_key()["KeyMetadata"]["Arn"]
    field = {"AttributeName": "pk", "AttributeType": "S"}
    schema = [{"AttributeName": "pk", "KeyType": "HASH"}]
    aws.create_table(
        TableName="keyed",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[field],
        KeySchema=schema,
        SSESpecification={"Enabled": True},
    )
    before = aws.describe_table(TableName="keyed")["Table"]["SSEDescription"]
    for wanted, now in ({"KMSMasterKeyId": key}, key), ({}, before["KMSMasterKeyArn"]):
        aws.update_table(TableName="keyed", SSESpecification={"Enabled": True, "SSEType": "KMS", **wanted})
        found = aws.describe_table(TableName="keyed")["Table"]["SSEDescription"]
        assert found["KMSMasterKeyArn"] == now
    aws.update_table(TableName="keyed", SSESpecification={"Enabled": False})
    assert "SSEDescription" not in aws.describe_table(TableName="keyed")["Table"]


def test_a_record_is_made_again_after_it_was_deleted(client: Any) -> None:
    aws = client("route53")
    zone = aws.create_hosted_zone(Name="example.org", CallerReference="1")["HostedZone"]["Id"]

    def change(action: str, name: str) -> None:
        record = {"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        aws.change_resource_record_sets(
            HostedZoneId=zone,
            ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]},
        )

    change("CREATE", "zzz.example.org")  # sorts behind the other
    for _ in range(2):
        change("CREATE", "www.example.org")
        with pytest.raises(ClientError, match="already exists"):
            change("CREATE", "www.example.org")
        change("DELETE", "www.example.org")


def test_a_port_has_one_listener(client: Any) -> None:
    ec2, aws = client("ec2"), client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.2.{at}.0/24", AvailabilityZone=f"eu-central-1{zone}")
        for at, zone in enumerate("ab")
    ]
    made = aws.create_load_balancer(Name="two", Subnets=[one["Subnet"]["SubnetId"] for one in subnets])
    balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
    answer = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}]

    def listen(port: int) -> str:
        found = aws.create_listener(
            LoadBalancerArn=balancer, Protocol="HTTP", Port=port, DefaultActions=answer
        )
        return str(found["Listeners"][0]["ListenerArn"])

    listen(80)
    other = listen(81)
    with pytest.raises(ClientError, match="DuplicateListener"):
        listen(80)
    with pytest.raises(ClientError, match="DuplicateListener"):
        aws.modify_listener(ListenerArn=other, Port=80, DefaultActions=answer)
    aws.modify_listener(ListenerArn=other, Port=82, DefaultActions=answer)


def test_a_scalable_target_has_tags(client: Any) -> None:
    aws = client("application-autoscaling")
    client("ecs").create_cluster(clusterName="scaled")
    client("ecs").register_task_definition(
        family="f", containerDefinitions=[{"name": "a", "image": "b", "memory": 64}]
    )
    client("ecs").create_service(
        cluster="scaled", serviceName="s", taskDefinition="f", desiredCount=1, launchType="FARGATE"
    )
    arn = aws.register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId="service/scaled/s",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=1,
        MaxCapacity=2,
        Tags={"a": "b"},
    )["ScalableTargetARN"]
    assert aws.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"a": "b"}
