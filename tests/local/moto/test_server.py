"""The control plane answers Terraform and boto3 as AWS would, where plain moto does not."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline.local.moto import ControlPlane
from pipeline.local.target_health import TargetHealthState

pytestmark = pytest.mark.slow


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
    descriptions = aws.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    states = {entry["Target"]["Id"]: entry["TargetHealth"]["State"] for entry in descriptions}
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
    for encryption, now in ({"KMSMasterKeyId": key}, key), ({}, before["KMSMasterKeyArn"]):
        aws.update_table(
            TableName="keyed", SSESpecification={"Enabled": True, "SSEType": "KMS", **encryption}
        )
        description = aws.describe_table(TableName="keyed")["Table"]["SSEDescription"]
        assert description["KMSMasterKeyArn"] == now
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
        listeners = aws.create_listener(
            LoadBalancerArn=balancer, Protocol="HTTP", Port=port, DefaultActions=answer
        )["Listeners"]
        return str(listeners[0]["ListenerArn"])

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
