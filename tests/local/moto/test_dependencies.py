"""The local AWS deletes nothing that something else uses, and says so in AWS's words."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.backends import get_backend

from pipeline.local.moto import ControlPlane, start_control_plane

REGION, ACCOUNT = "eu-central-1", "123456789012"
IMAGE = "127.0.0.1:5000/tandem/api@sha256:" + "a" * 64
Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def control_plane() -> Iterator[ControlPlane]:
    control_plane = start_control_plane()
    yield control_plane
    control_plane.stop()


@pytest.fixture
def client(control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> Client:
    for key, value in control_plane.environ().items():
        monkeypatch.setenv(key, value)
    client: Client = boto3.Session().client
    return client


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


def test_an_interface_has_five_groups(network: Network) -> None:
    groups = [network.group, *(network.new_group(f"g{number}") for number in range(5))]
    full = "The maximum number of security groups per interface has been reached."
    create = network.ec2.create_network_interface
    refused(
        "SecurityGroupsPerInterfaceLimitExceeded", full, create, SubnetId=network.subnets[0], Groups=groups
    )
    made = create(SubnetId=network.subnets[0], Groups=groups[:5])["NetworkInterface"]
    refused(
        "SecurityGroupsPerInterfaceLimitExceeded",
        full,
        network.ec2.modify_network_interface_attribute,
        NetworkInterfaceId=made["NetworkInterfaceId"],
        Groups=groups,
    )


@pytest.mark.parametrize(
    ("key", "count", "message"),
    [
        ("securityGroups", 6, "security groups can have at most 5 items."),
        ("subnets", 17, "subnets can have at most 16 items."),
    ],
)
def test_a_service_has_five_groups_and_sixteen_subnets(
    network: Network, key: str, count: int, message: str
) -> None:
    ecs = network.client("ecs")
    ecs.create_cluster(clusterName="limits")
    ecs.register_task_definition(
        family="f", containerDefinitions=[{"name": "app", "image": "i", "memory": 64}], networkMode="awsvpc"
    )
    place = {
        "subnets": network.subnets,
        "securityGroups": [network.group],
        key: [f"x-{n}" for n in range(count)],
    }
    refused(
        "InvalidParameterException",
        message,
        ecs.create_service,
        cluster="limits",
        serviceName="s",
        taskDefinition="f",
        networkConfiguration={"awsvpcConfiguration": place},
    )


def test_a_target_group_that_a_listener_or_a_rule_names_stays(network: Network) -> None:
    elb = network.client("elbv2")
    made = elb.create_load_balancer(Name="in-use", Subnets=network.subnets)["LoadBalancers"][0]
    default, named = (
        elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=network.vpc)["TargetGroups"][0][
            "TargetGroupArn"
        ]
        for name in ("default", "named")
    )
    listener = elb.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": default}],
    )["Listeners"][0]["ListenerArn"]
    weights = [{"TargetGroupArn": default, "Weight": 1}, {"TargetGroupArn": named, "Weight": 0}]
    elb.create_rule(
        ListenerArn=listener,
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/a"]}],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}],
    )
    for arn in (default, named):
        refused(
            "ResourceInUse",
            f"Target group '{arn}' is currently in use by a listener or a rule",
            elb.delete_target_group,
            TargetGroupArn=arn,
        )
    elb.delete_listener(ListenerArn=listener)
    for arn in (default, named):
        elb.delete_target_group(TargetGroupArn=arn)


def test_a_certificate_that_a_listener_serves_stays(network: Network) -> None:
    acm, elb = network.client("acm"), network.client("elbv2")
    arn = acm.request_certificate(DomainName="www.example.org")["CertificateArn"]
    made = elb.create_load_balancer(Name="tls", Subnets=network.subnets)["LoadBalancers"][0]
    listener = elb.create_listener(
        LoadBalancerArn=made["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        Certificates=[{"CertificateArn": arn}],
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )["Listeners"][0]["ListenerArn"]
    message = f"Certificate {arn} in account {ACCOUNT} is in use."
    refused("ResourceInUseException", message, acm.delete_certificate, CertificateArn=arn)
    elb.delete_listener(ListenerArn=listener)
    acm.delete_certificate(CertificateArn=arn)


def test_a_policy_that_a_role_has_or_is_bound_by_stays(client: Client) -> None:
    iam = client("iam")
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = iam.create_policy(PolicyName="p", PolicyDocument=document)["Policy"]["Arn"]
    message = "Cannot delete a policy attached to entities."
    iam.create_role(RoleName="has", AssumeRolePolicyDocument="{}")
    iam.attach_role_policy(RoleName="has", PolicyArn=arn)
    refused("DeleteConflict", message, iam.delete_policy, PolicyArn=arn)
    iam.detach_role_policy(RoleName="has", PolicyArn=arn)
    iam.create_role(RoleName="bound", AssumeRolePolicyDocument="{}", PermissionsBoundary=arn)
    refused("DeleteConflict", message, iam.delete_policy, PolicyArn=arn)
    iam.delete_role(RoleName="bound")
    iam.delete_policy(PolicyArn=arn)


def test_a_cluster_with_services_or_tasks_stays(network: Network) -> None:
    delete = service(network)
    ecs = network.client("ecs")
    refused(
        "ClusterContainsServicesException",
        "The Cluster cannot be deleted while Services are active.",
        ecs.delete_cluster,
        cluster="c",
    )
    ecs.delete_service(cluster="c", service="s", force=True)
    refused(
        "ClusterContainsTasksException",
        "The Cluster cannot be deleted while Tasks are active.",
        ecs.delete_cluster,
        cluster="c",
    )
    ecs.create_cluster(clusterName="c")
    delete()
