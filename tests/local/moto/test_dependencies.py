"""The local AWS deletes no part of a network that something else uses, and says so in AWS's words."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.local.moto.network_users import (
    REGION,
    Network,
    balancer,
    endpoint,
    function,
    interface,
    network,
    proxy,
    refused,
    service,
)

pytestmark = pytest.mark.slow

__all__ = ["network"]  # a fixture


@pytest.mark.parametrize("use", [interface, balancer, endpoint, function, proxy, service])
def test_a_subnet_and_a_group_in_use_stay(
    network: Network, use: Callable[[Network], Callable[[], Any]]
) -> None:
    subnet = network.subnets[0]
    delete_user = use(network)
    refused(
        "DependencyViolation",
        f"The subnet '{subnet}' has dependencies and cannot be deleted.",
        network.ec2.delete_subnet,
        SubnetId=subnet,
    )
    refused(
        "DependencyViolation",
        f"resource {network.group} has a dependent object",
        network.ec2.delete_security_group,
        GroupId=network.group,
    )
    assert network.has_subnet()
    delete_user()
    network.ec2.delete_subnet(SubnetId=subnet)
    network.ec2.delete_security_group(GroupId=network.group)
    assert not network.has_subnet()


def test_an_endpoint_that_leaves_a_subnet_frees_it(network: Network) -> None:
    delete = endpoint(network)
    (made,) = network.ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [network.vpc]}])[
        "VpcEndpoints"
    ]
    network.ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], RemoveSubnetIds=network.subnets[:1])
    network.ec2.delete_subnet(SubnetId=network.subnets[0])
    delete()


def test_a_nat_gateway_holds_its_subnet_and_the_internet_gateway(network: Network) -> None:
    gateway = network.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    network.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc)
    address = network.ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = network.ec2.create_nat_gateway(SubnetId=network.subnets[0], AllocationId=address)["NatGateway"]
    refused(
        "DependencyViolation",
        f"The subnet '{network.subnets[0]}' has dependencies and cannot be deleted.",
        network.ec2.delete_subnet,
        SubnetId=network.subnets[0],
    )
    refused(
        "DependencyViolation",
        f"Network {network.vpc} has some mapped public address(es). "
        "Please unmap those public address(es) before detaching the gateway.",
        network.ec2.detach_internet_gateway,
        InternetGatewayId=gateway,
        VpcId=network.vpc,
    )
    refused(
        "DependencyViolation",
        f"The internetGateway '{gateway}' has dependencies and cannot be deleted.",
        network.ec2.delete_internet_gateway,
        InternetGatewayId=gateway,
    )
    network.ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
    network.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc)
    network.ec2.delete_internet_gateway(InternetGatewayId=gateway)
    network.ec2.delete_subnet(SubnetId=network.subnets[0])


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_a_group_that_another_groups_rule_names_stays(network: Network, direction: str) -> None:
    other = network.new_group(direction)
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 5432,
        "ToPort": 5432,
        "UserIdGroupPairs": [{"GroupId": network.group}],
    }
    authorize = getattr(network.ec2, f"authorize_security_group_{direction}")
    authorize(GroupId=other, IpPermissions=[rule])
    refused(
        "DependencyViolation",
        f"resource {network.group} has a dependent object",
        network.ec2.delete_security_group,
        GroupId=network.group,
    )
    network.ec2.delete_security_group(GroupId=other)
    authorize(GroupId=network.group, IpPermissions=[rule])  # a rule of its own holds nothing
    network.ec2.delete_security_group(GroupId=network.group)


def test_a_vpc_with_anything_in_it_stays(network: Network) -> None:
    ec2 = network.ec2
    for subnet in network.subnets:
        ec2.delete_subnet(SubnetId=subnet)
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc)
    s3 = ec2.create_vpc_endpoint(
        VpcId=network.vpc, ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway"
    )["VpcEndpoint"]
    still_there = (
        "DependencyViolation",
        f"The vpc '{network.vpc}' has dependencies and cannot be deleted.",
        ec2.delete_vpc,
    )
    refused(*still_there, VpcId=network.vpc)
    ec2.delete_security_group(GroupId=network.group)
    refused(*still_there, VpcId=network.vpc)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc)
    refused(*still_there, VpcId=network.vpc)
    ec2.delete_vpc_endpoints(VpcEndpointIds=[s3["VpcEndpointId"]])
    ec2.delete_vpc(VpcId=network.vpc)
