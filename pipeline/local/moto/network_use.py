"""Who uses a subnet, a security group or a public address: the network interfaces that AWS would have there.

moto makes interfaces for few of its resources, and keeps those of deleted ones.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends
from moto.rds.models import rds_backends

Backend = Any


@dataclass(frozen=True)
class NetworkUse:
    """The subnets and security groups of one resource, and whether it has addresses of the internet."""

    subnets: frozenset[str]
    groups: frozenset[str] = frozenset()
    is_public: bool = False


def network_uses(ec2: Backend) -> Iterator[NetworkUse]:
    """All of them in the account and region of this EC2 backend."""
    account, region = ec2.account_id, ec2.region_name
    yield from _interfaces(ec2)
    yield from _gateways(ec2)
    yield from _endpoints(ec2)
    yield from _load_balancers(elbv2_backends[account][region])
    yield from _tasks(ecs_backends[account][region])
    yield from _functions(lambda_backends[account][region])
    yield from _proxies(rds_backends[account][region])


def _use(
    subnets: Iterable[Any] | None, groups: Iterable[Any] | None = (), *, public: bool = False
) -> NetworkUse:
    return NetworkUse(frozenset(map(str, subnets or ())), frozenset(map(str, groups or ())), public)


def _interfaces(ec2: Backend) -> Iterator[NetworkUse]:
    """The interfaces that belong to nothing else; gateways and endpoints have theirs while they live."""
    owned = {gateway._eni.id for gateway in ec2.nat_gateways.values()}  # noqa: SLF001 - a moto object
    owned |= {eni for endpoint in ec2.vpc_end_points.values() for eni in endpoint.network_interface_ids}
    for interface in list(ec2.enis.values()):
        if interface.id not in owned:
            subnet = getattr(interface.subnet, "id", interface.subnet)
            yield _use([subnet], [group.id for group in interface.group_set])


def _gateways(ec2: Backend) -> Iterator[NetworkUse]:
    for gateway in list(ec2.nat_gateways.values()):
        if gateway.state != "deleted":
            yield _use([gateway.subnet_id], public=gateway.connectivity_type != "private")


def _endpoints(ec2: Backend) -> Iterator[NetworkUse]:
    for endpoint in list(ec2.vpc_end_points.values()):
        if endpoint.state != "deleted" and str(endpoint.vpc_endpoint_type).lower() == "interface":
            yield _use(endpoint.subnet_ids, endpoint.security_group_ids)


def _load_balancers(elbv2: Backend) -> Iterator[NetworkUse]:
    for balancer in list(elbv2.load_balancers.values()):
        subnets = [getattr(subnet, "id", subnet) for subnet in balancer.subnets]
        yield _use(subnets, balancer.security_groups, public=balancer.scheme == "internet-facing")


def _tasks(ecs: Backend) -> Iterator[NetworkUse]:
    """A service while a task of it lives: it may be in any of the service's subnets."""
    for service in list(ecs.services.values()):
        tasks = ecs.tasks.get(service.cluster_name, {}).values()
        group = f"service:{service.name}"
        if any(task.group == group and task.last_status != "STOPPED" for task in list(tasks)):
            network = (service.network_configuration or {}).get("awsvpcConfiguration", {})
            public = network.get("assignPublicIp") == "ENABLED"
            yield _use(network.get("subnets"), network.get("securityGroups"), public=public)


def _functions(functions: Backend) -> Iterator[NetworkUse]:
    for function in list(functions.list_functions()):
        network = function.vpc_config or {}
        yield _use(network.get("SubnetIds"), network.get("SecurityGroupIds"))


def _proxies(rds: Backend) -> Iterator[NetworkUse]:
    for proxy in list(rds.db_proxies.values()):
        yield _use(proxy.vpc_subnet_ids, proxy.vpc_security_group_ids)
