"""The local AWS attaches as many security groups and subnets as AWS does."""

import pytest

from tests.local.moto.network_users import Network, network, refused

pytestmark = pytest.mark.slow

__all__ = ["network"]  # a fixture


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
