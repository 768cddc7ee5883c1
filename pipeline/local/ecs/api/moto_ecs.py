"""Read ECS services and task definitions out of moto, and reach the objects that moto answers from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.backends import get_backend

from pipeline.local.ecs.planner.task_definition import TaskDefinition
from pipeline.local.ecs.planner.unsupported import service_unsupported

_PERCENT = {"minimumHealthyPercent": 100, "maximumPercent": 200}


@dataclass(frozen=True)
class ServiceLoadBalancer:
    """One entry of a service's `loadBalancers`."""

    group: str
    port: int


@dataclass(frozen=True)
class DesiredService:
    """One service as a client configured it."""

    cluster: str
    name: str
    task_definition: str
    desired_count: int
    active: bool
    minimum_percent: int
    maximum_percent: int
    circuit_breaker: bool
    rollback: bool
    grace_period: float
    """Seconds."""
    load_balancers: tuple[ServiceLoadBalancer, ...]
    unsupported: tuple[str, ...]
    """Settings of the service that have no effect on the local stack."""

    @property
    def key(self) -> str:
        return f"{self.cluster}:{self.name}"


class EcsBackend:
    """moto's ECS backend of one account and region."""

    def __init__(self, account: str, region: str) -> None:
        self.account = account
        self.region = region
        self._ecs: Any = get_backend("ecs")[account][region]
        self._definitions: dict[str, TaskDefinition] = {}

    def service_keys(self) -> list[str]:
        """All services, as `cluster:service`."""
        return [key for key, service in list(self._ecs.services.items()) if service.task_definition]

    def service(self, key: str) -> Any:  # noqa: ANN401 - a moto object
        return self._ecs.services[key]

    def desired_service(self, key: str) -> DesiredService:
        """The service as configured; KeyError if there is none."""
        return self._desired_service(self._ecs.services[key])

    def first_deployment(self, key: str) -> str:
        """Id of the first deployment, from the answer to CreateService."""
        return str(self._ecs.services[key].deployments[0]["id"])

    def clusters(self) -> Iterable[Any]:
        return list(self._ecs.clusters.values())

    def tasks(self, cluster: str) -> dict[str, Any]:
        """The tasks that moto describes in a cluster, by ARN; the dict may be changed."""
        tasks: dict[str, Any] = self._ecs.tasks.setdefault(cluster, {})
        return tasks

    def definition(self, name: str) -> TaskDefinition:
        """A registered task definition, by ARN or `family:revision`."""
        task_definition = self._ecs.describe_task_definition(name)
        if task_definition.arn not in self._definitions:
            self._definitions[task_definition.arn] = TaskDefinition.read(_raw(task_definition))
        return self._definitions[task_definition.arn]

    def arn(self, kind: str, *parts: str) -> str:
        return f"arn:aws:ecs:{self.region}:{self.account}:{kind}/{'/'.join(parts)}"

    def _desired_service(self, service: Any) -> DesiredService:  # noqa: ANN401 - a moto object
        configuration: Mapping[str, Any] = getattr(service, "deployment_configuration", None) or {}
        percent = {key: _or_default(configuration.get(key), value) for key, value in _PERCENT.items()}
        breaker = configuration.get("deploymentCircuitBreaker") or {}
        return DesiredService(
            cluster=service.cluster_name,
            name=service.name,
            task_definition=self._ecs.describe_task_definition(service.task_definition).arn,
            desired_count=service.desired_count if service.status == "ACTIVE" else 0,
            active=service.status == "ACTIVE",
            minimum_percent=percent["minimumHealthyPercent"],
            maximum_percent=percent["maximumPercent"],
            circuit_breaker=bool(breaker.get("enable")),
            rollback=bool(breaker.get("rollback")),
            grace_period=float(getattr(service, "health_check_grace_period_seconds", None) or 0),
            load_balancers=tuple(
                ServiceLoadBalancer(each["targetGroupArn"], each["containerPort"])
                for each in service.load_balancers
                if each.get("targetGroupArn")
            ),
            unsupported=tuple(service_unsupported(service, configuration)),
        )


def _or_default(value: int | None, default: int) -> int:
    return default if value is None else value


def _raw(task_definition: Any) -> dict[str, Any]:  # noqa: ANN401 - a moto object
    return {
        "taskDefinitionArn": task_definition.arn,
        "family": task_definition.family,
        "revision": task_definition.revision,
        "cpu": task_definition.cpu,
        "memory": task_definition.memory,
        "volumes": task_definition.volumes,
        "containerDefinitions": task_definition.container_definitions,
        "taskRoleArn": getattr(task_definition, "task_role_arn", None),  # moto sets it only if there is one
        "pidMode": task_definition.pid_mode,
        "ipcMode": task_definition.ipc_mode,
        "proxyConfiguration": task_definition.proxy_configuration,
        "inferenceAccelerators": task_definition.inference_accelerators,
        "placementConstraints": task_definition.placement_constraints,
    }
