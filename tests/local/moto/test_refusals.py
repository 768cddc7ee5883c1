"""The local AWS refuses what AWS refuses: protection, concurrency, rules of a security group."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pipeline.local.moto import start_control_plane

pytestmark = pytest.mark.slow

IMAGE = "127.0.0.1:5000/tandem/api@sha256:" + "a" * 64
Client = Callable[[str], Any]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    control_plane = start_control_plane()
    for key, value in control_plane.environ().items():
        monkeypatch.setenv(key, value)
    yield boto3.Session().client
    control_plane.stop()


def function(client: Client, name: str = "api") -> str:
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    client("lambda").create_function(
        FunctionName=name, Role=role, PackageType="Image", Code={"ImageUri": IMAGE}, Publish=True
    )
    return name


def reserve(client: Client, name: str, count: int) -> None:
    client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=count)


def provision(client: Client, name: str, count: int, version: str = "1") -> None:
    client("lambda").put_provisioned_concurrency_config(
        FunctionName=name, Qualifier=version, ProvisionedConcurrentExecutions=count
    )


def test_a_protected_load_balancer_is_not_deleted(client: Client) -> None:
    vpc = client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        client("ec2").create_subnet(
            VpcId=vpc, CidrBlock=f"10.1.{at}.0/24", AvailabilityZone=f"eu-central-1{zone}"
        )
        for at, zone in enumerate("ab")
    ]
    elb = client("elbv2")
    arn = elb.create_load_balancer(Name="a", Subnets=[each["Subnet"]["SubnetId"] for each in subnets])[
        "LoadBalancers"
    ][0]["LoadBalancerArn"]
    for value in ("true", "false"):
        attributes = [{"Key": "deletion_protection.enabled", "Value": value}]
        elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=attributes)
        if value == "true":
            with pytest.raises(ClientError, match=r"OperationNotPermitted.*deletion protection is enabled"):
                elb.delete_load_balancer(LoadBalancerArn=arn)
    elb.delete_load_balancer(LoadBalancerArn=arn)
    assert elb.describe_load_balancers()["LoadBalancers"] == []


def test_the_account_keeps_100_unreserved_executions(client: Client) -> None:
    for name in ("api", "other"):
        function(client, name)
    reserve(client, "api", 600)
    reserve(client, "api", 500)
    match = r"decreases account's UnreservedConcurrentExecution below its minimum value of \[100\]"
    with pytest.raises(ClientError, match=match):
        reserve(client, "other", 401)
    reserve(client, "other", 400)


def test_provisioned_concurrency_fits_into_the_reserved(client: Client) -> None:
    """All versions count together: a new version is provisioned while the old one still is."""
    name = function(client)
    reserve(client, name, 10)
    provision(client, name, 6)
    provision(client, name, 5)
    client("lambda").update_function_code(FunctionName=name, ImageUri=IMAGE.replace("aa", "bb"), Publish=True)
    match = "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution"
    with pytest.raises(ClientError, match=match):
        provision(client, name, 6, "2")
    provision(client, name, 5, "2")
    with pytest.raises(
        ClientError, match=r"should not be lower than function's total provisioned concurrency"
    ):
        reserve(client, name, 9)
    client("lambda").delete_provisioned_concurrency_config(FunctionName=name, Qualifier="1")
    reserve(client, name, 9)


def test_what_is_provisioned_without_a_reservation_leaves_100(client: Client) -> None:
    name = function(client)
    provision(client, name, 900)
    with pytest.raises(ClientError, match=r"is greater than account's unreserved concurrency \[900\]"):
        provision(client, name, 901)


def test_a_prefix_list_counts_as_all_rules_that_it_may_hold(client: Client) -> None:
    """CloudFront's has 55 of the 60 rules that a security group may have in each direction."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="a", Description="a", VpcId=vpc)["GroupId"]
    lists = ec2.describe_managed_prefix_lists()["PrefixLists"]
    (cloudfront,) = [each for each in lists if each["PrefixListName"].endswith("cloudfront.origin-facing")]

    def allow(port: int, **source: Any) -> None:
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **source}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])

    prefixes = [{"PrefixListId": cloudfront["PrefixListId"]}]
    allow(443, PrefixListIds=prefixes)
    limit = r"LimitExceeded.*The maximum number of rules per security group has been reached"
    with pytest.raises(ClientError, match=limit):
        allow(80, PrefixListIds=prefixes)
    allow(80, IpRanges=[{"CidrIp": f"10.{at}.0.0/16"} for at in range(5)])
    with pytest.raises(ClientError, match=limit):
        allow(81, IpRanges=[{"CidrIp": "10.9.0.0/16"}])
    allow(81, Ipv6Ranges=[{"CidrIpv6": "::/0"}])
