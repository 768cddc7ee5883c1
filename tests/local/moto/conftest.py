"""A control plane, and a load balancer in this process, for the tests of this room."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from pipeline.local.moto import ControlPlane, prepare_moto, start_control_plane
from pipeline.local.target_health import TargetHealth

ANSWER = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}


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
def elb() -> Iterator[Any]:
    prepare_moto(TargetHealth())
    with mock_aws():
        yield boto3.Session("a", "b", region_name="eu-central-1").client("elbv2")


@pytest.fixture(scope="module")
def network(elb: Any) -> tuple[str, list[str]]:  # noqa: ARG001 - the mock
    ec2 = boto3.Session("a", "b", region_name="eu-central-1").client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{at}.0/24")["Subnet"]["SubnetId"] for at in range(2)
    ]
    return vpc, subnets


@pytest.fixture(scope="module")
def balancer(elb: Any, network: tuple[str, list[str]]) -> str:
    return str(elb.create_load_balancer(Name="lb", Subnets=network[1])["LoadBalancers"][0]["LoadBalancerArn"])


@pytest.fixture(scope="module")
def listener(elb: Any, balancer: str) -> str:
    made = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[ANSWER])
    return str(made["Listeners"][0]["ListenerArn"])


@pytest.fixture(scope="module")
def group(elb: Any, network: tuple[str, list[str]]) -> str:
    made = elb.create_target_group(Name="g", Protocol="HTTP", Port=80, VpcId=network[0], TargetType="ip")
    return str(made["TargetGroups"][0]["TargetGroupArn"])
