"""A network of the local AWS, what may use it, and refusals, for tests."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.backends import get_backend

REGION, ACCOUNT = "eu-central-1", "123456789012"
IMAGE = "127.0.0.1:5000/tandem/api@sha256:" + "a" * 64
Client = Callable[[str], Any]


class Network:
    """A VPC with two subnets and a security group, in an account of its own name."""

    def __init__(self, client: Client) -> None:
        self.client, self.ec2 = client, client("ec2")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            self.ec2.create_subnet(
                VpcId=self.vpc, CidrBlock=f"10.1.{at}.0/24", AvailabilityZone=f"{REGION}{zone}"
            )["Subnet"]["SubnetId"]
            for at, zone in enumerate("ab")
        ]
        self.group = self.new_group("g")

    def new_group(self, name: str) -> str:
        return str(self.ec2.create_security_group(GroupName=name, Description="d", VpcId=self.vpc)["GroupId"])

    def has_subnet(self) -> bool:
        return bool(
            self.ec2.describe_subnets(Filters=[{"Name": "subnet-id", "Values": self.subnets[:1]}])["Subnets"]
        )


@pytest.fixture
def network(client: Client) -> Network:
    return Network(client)


def refused(code: str, message: str, call: Callable[..., Any], **arguments: Any) -> None:
    """The call fails with exactly this code and message."""
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert (error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]) == (
        code,
        message,
    )


def interface(network: Network) -> Callable[[], Any]:
    made = network.ec2.create_network_interface(SubnetId=network.subnets[0], Groups=[network.group])
    eni = made["NetworkInterface"]["NetworkInterfaceId"]
    return lambda: network.ec2.delete_network_interface(NetworkInterfaceId=eni)


def balancer(network: Network) -> Callable[[], Any]:
    elb = network.client("elbv2")
    made = elb.create_load_balancer(Name="a", Subnets=network.subnets, SecurityGroups=[network.group])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    return lambda: elb.delete_load_balancer(LoadBalancerArn=arn)


def endpoint(network: Network) -> Callable[[], Any]:
    made = network.ec2.create_vpc_endpoint(
        VpcId=network.vpc,
        ServiceName=f"com.amazonaws.{REGION}.logs",
        VpcEndpointType="Interface",
        SubnetIds=network.subnets,
        SecurityGroupIds=[network.group],
    )
    name = made["VpcEndpoint"]["VpcEndpointId"]
    return lambda: network.ec2.delete_vpc_endpoints(VpcEndpointIds=[name])


def function(network: Network) -> Callable[[], Any]:
    functions = network.client("lambda")
    role = network.client("iam").create_role(RoleName="f", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    place = {"SubnetIds": network.subnets, "SecurityGroupIds": [network.group]}
    code = {"ImageUri": IMAGE}
    functions.create_function(FunctionName="f", Role=role, PackageType="Image", Code=code, VpcConfig=place)

    def delete() -> None:
        functions.delete_function(FunctionName="f")
        network.client("iam").delete_role(RoleName="f")

    return delete


def proxy(network: Network) -> Callable[[], Any]:
    rds = network.client("rds")
    rds.create_db_proxy(
        DBProxyName="p",
        EngineFamily="MYSQL",
        Auth=[{"AuthScheme": "SECRETS", "SecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:a"}],
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/p",
        VpcSubnetIds=network.subnets,
        VpcSecurityGroupIds=[network.group],
    )
    return lambda: rds.delete_db_proxy(DBProxyName="p")


class _Task:
    """A task that the scheduler would have started; ECS describes it until it has stopped."""

    def __init__(self, group: str) -> None:
        self.group, self.last_status = group, "RUNNING"


def service(network: Network) -> Callable[[], Any]:
    ecs = network.client("ecs")
    ecs.create_cluster(clusterName="c")
    ecs.register_task_definition(
        family="f", containerDefinitions=[{"name": "app", "image": "i", "memory": 64}], networkMode="awsvpc"
    )
    place = {"subnets": network.subnets, "securityGroups": [network.group]}
    ecs.create_service(
        cluster="c",
        serviceName="s",
        taskDefinition="f",
        desiredCount=1,
        networkConfiguration={"awsvpcConfiguration": place},
    )
    task = _Task("service:s")
    get_backend("ecs")[ACCOUNT][REGION].tasks.setdefault("c", {})["t"] = task

    def delete() -> None:
        task.last_status = "STOPPED"
        ecs.delete_service(cluster="c", service="s", force=True)
        ecs.delete_cluster(cluster="c")

    return delete
