"""Certificates, policies, target groups and clusters that something uses are not deleted."""

from collections.abc import Callable
from typing import Any

from moto.acm.models import AWSCertificateManagerBackend
from moto.core.exceptions import AWSError
from moto.ecs.exceptions import ECSException
from moto.ecs.models import EC2ContainerServiceBackend
from moto.elbv2.exceptions import ResourceInUseError
from moto.elbv2.models import ELBv2Backend, elbv2_backends
from moto.iam.exceptions import DeleteConflictException
from moto.iam.models import IAMBackend

Backend = Any
Wrapped = Callable[..., Any]


class _CertificateInUseError(AWSError):
    TYPE = "ResourceInUseException"


def _deleting_certificate(delete: Wrapped) -> Wrapped:
    def delete_certificate(self: Backend, arn: str) -> Any:  # noqa: ANN401 - of moto
        balancers = elbv2_backends[self.account_id][self.region_name].load_balancers.values()
        listeners = [listener for balancer in list(balancers) for listener in balancer.listeners.values()]
        if any(arn in str(each) for listener in listeners for each in listener.certificates):
            raise _CertificateInUseError(f"Certificate {arn} in account {self.account_id} is in use.")
        return delete(self, arn)

    return delete_certificate


def _deleting_policy(delete: Wrapped) -> Wrapped:
    def delete_policy(self: Backend, policy_arn: str) -> Any:  # noqa: ANN401 - of moto
        policy = self.managed_policies.get(policy_arn)
        bounds = any(role.permissions_boundary_arn == policy_arn for role in self.get_roles())
        if policy and (policy.attachment_count or bounds):
            raise DeleteConflictException("Cannot delete a policy attached to entities.")
        return delete(self, policy_arn)

    return delete_policy


def _deleting_target_group(delete: Wrapped) -> Wrapped:
    def delete_target_group(self: Backend, target_group_arn: str) -> Any:  # noqa: ANN401 - of moto
        if self._any_listener_using(target_group_arn):
            raise ResourceInUseError(
                f"Target group '{target_group_arn}' is currently in use by a listener or a rule"
            )
        return delete(self, target_group_arn)

    return delete_target_group


def _deleting_cluster(delete: Wrapped) -> Wrapped:
    def delete_cluster(self: Backend, cluster_str: str) -> Any:  # noqa: ANN401 - of moto
        name = cluster_str.rsplit("/", 1)[-1]
        services = [each for each in self.services.values() if each.cluster_name == name]
        if any(service.status == "ACTIVE" for service in services):
            raise ECSException(
                "ClusterContainsServicesException",
                "The Cluster cannot be deleted while Services are active.",
            )
        if any(task.last_status != "STOPPED" for task in list(self.tasks.get(name, {}).values())):
            raise ECSException(
                "ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active."
            )
        return delete(self, cluster_str)

    return delete_cluster


def patch() -> None:
    wraps: list[tuple[Any, str, Callable[[Wrapped], Wrapped]]] = [
        (AWSCertificateManagerBackend, "delete_certificate", _deleting_certificate),
        (IAMBackend, "delete_policy", _deleting_policy),
        (ELBv2Backend, "delete_target_group", _deleting_target_group),
        (EC2ContainerServiceBackend, "delete_cluster", _deleting_cluster),
    ]
    for backend, name, wrap in wraps:
        setattr(backend, name, wrap(getattr(backend, name)))
