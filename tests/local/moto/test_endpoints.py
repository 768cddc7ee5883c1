"""A gateway endpoint follows its route tables."""

from typing import Any

import boto3
import pytest

REGION = "eu-central-1"


@pytest.fixture
def ec2(elb: Any) -> Any:  # noqa: ARG001 - the mock
    return boto3.Session("a", "b", region_name=REGION).client("ec2")


def has_route(ec2: Any, table: str, endpoint: str) -> bool:
    (route_table,) = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    return any(route.get("GatewayId") == endpoint for route in route_table["Routes"])


def test_a_gateway_endpoint_has_routes_in_the_tables_that_it_has_now(ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    first, second = (ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2))
    service = f"com.amazonaws.{REGION}.s3"
    made = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=service, VpcEndpointType="Gateway", RouteTableIds=[first]
    )
    name = made["VpcEndpoint"]["VpcEndpointId"]
    ec2.modify_vpc_endpoint(VpcEndpointId=name, AddRouteTableIds=[second])
    assert (has_route(ec2, first, name), has_route(ec2, second, name)) == (True, True)
    ec2.modify_vpc_endpoint(VpcEndpointId=name, RemoveRouteTableIds=[first])
    assert (has_route(ec2, first, name), has_route(ec2, second, name)) == (False, True)
    third = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.modify_vpc_endpoint(VpcEndpointId=name, AddRouteTableIds=[third])
    ec2.delete_route_table(RouteTableId=third)
    ec2.modify_vpc_endpoint(VpcEndpointId=name, RemoveRouteTableIds=[third])
    ec2.delete_vpc_endpoints(VpcEndpointIds=[name])
    assert not has_route(ec2, second, name)
