"""EC2 deletes nothing that something else uses: subnets, security groups, gateways and VPCs.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from collections.abc import Callable
from typing import Any

from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.responses.elastic_network_interfaces import ElasticNetworkInterfaces

from pipeline.local.moto.network_use import network_uses

_GROUPS = 5
"""Security groups of a network interface."""
Backend = Any
Wrapped = Callable[..., Any]


class _TooManyGroupsError(EC2ClientError):
    def __init__(self) -> None:
        super().__init__(
            "SecurityGroupsPerInterfaceLimitExceeded",
            "The maximum number of security groups per interface has been reached.",
        )


def _deleting_subnet(delete: Wrapped) -> Wrapped:
    def delete_subnet(self: Backend, subnet_id: str) -> Any:  # noqa: ANN401 - of moto
        if any(subnet_id in use.subnets for use in network_uses(self)):
            raise DependencyViolationError(
                f"The subnet '{subnet_id}' has dependencies and cannot be deleted."
            )
        return delete(self, subnet_id)

    return delete_subnet


def _deleting_group(delete: Wrapped) -> Wrapped:
    def delete_security_group(self: Backend, name: str | None = None, group_id: str | None = None) -> Any:  # noqa: ANN401 - of moto
        resource_id = str(group_id or getattr(self.get_security_group_by_name_or_id(name), "id", ""))
        if any(resource_id in use.groups for use in network_uses(self)) or _is_referred_to(self, resource_id):
            raise DependencyViolationError(f"resource {resource_id} has a dependent object")
        return delete(self, name, group_id)

    return delete_security_group


def _is_referred_to(ec2: Backend, group_id: str) -> bool:
    """Whether a rule of another group refers to it; rules of its own go with it."""
    others = (group for groups in list(ec2.groups.values()) for group in list(groups.values()))
    return any(
        (rule.source_group or {}).get("GroupId") == group_id
        for group in others
        if group.id != group_id
        for rule in (*group.ingress_rules, *group.egress_rules)
    )


def _deleting_vpc(delete: Wrapped) -> Wrapped:
    def delete_vpc(self: Backend, vpc_id: str) -> Any:  # noqa: ANN401 - of moto
        gateways = [each for each in self.internet_gateways.values() if each.vpc and each.vpc.id == vpc_id]
        endpoints = [
            each for each in self.vpc_end_points.values() if each.vpc_id == vpc_id and each.state != "deleted"
        ]
        groups = [each for each in self.groups.get(vpc_id, {}).values() if each.name != "default"]
        if gateways or endpoints or groups:
            raise DependencyViolationError(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")
        return delete(self, vpc_id)

    return delete_vpc


def _detaching_gateway(detach: Wrapped) -> Wrapped:
    def detach_internet_gateway(self: Backend, internet_gateway_id: str, vpc_id: str) -> Any:  # noqa: ANN401 - of moto
        subnets = {subnet.id for subnet in self.describe_subnets(filters={"vpc-id": vpc_id})}
        if any(use.is_public and use.subnets & subnets for use in network_uses(self)):
            raise DependencyViolationError(
                f"Network {vpc_id} has some mapped public address(es). "
                "Please unmap those public address(es) before detaching the gateway."
            )
        return detach(self, internet_gateway_id, vpc_id)

    return detach_internet_gateway


def _deleting_gateway(delete: Wrapped) -> Wrapped:
    def delete_internet_gateway(self: Backend, internet_gateway_id: str) -> Any:  # noqa: ANN401 - of moto
        if self.get_internet_gateway(internet_gateway_id).vpc:
            raise DependencyViolationError(
                f"The internetGateway '{internet_gateway_id}' has dependencies and cannot be deleted."
            )
        return delete(self, internet_gateway_id)

    return delete_internet_gateway


def _limiting_groups(call: Wrapped) -> Wrapped:
    """An interface has five security groups at most."""

    def checked(self: Any) -> Any:  # noqa: ANN401 - of moto
        if len(self._get_param("Groups", [])) > _GROUPS:
            raise _TooManyGroupsError
        return call(self)

    return checked


def patch() -> None:
    backend: Any = EC2Backend
    wraps: dict[str, Callable[[Wrapped], Wrapped]] = {
        "delete_subnet": _deleting_subnet,
        "delete_security_group": _deleting_group,
        "delete_vpc": _deleting_vpc,
        "detach_internet_gateway": _detaching_gateway,
        "delete_internet_gateway": _deleting_gateway,
    }
    for name, wrap in wraps.items():
        setattr(backend, name, wrap(getattr(backend, name)))
    response: Any = ElasticNetworkInterfaces
    for name in ("create_network_interface", "modify_network_interface_attribute"):
        setattr(response, name, _limiting_groups(getattr(response, name)))
