"""The control plane's ECS, read as values, and shown what runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.backends import get_backend

from pipeline.local.ecs.planner.task_definition import Definition
from pipeline.local.ecs.planner.unsupported import service_unsupported

_PERCENT = {"minimumHealthyPercent": 100, "maximumPercent": 200}


@dataclass(frozen=True)
class LoadBalancer:
    """One entry of a service's `loadBalancers`."""

    group: str
    port: int


@dataclass(frozen=True)
class Wanted:
    """What a client asked of one service."""

    cluster: str
    name: str
    task_definition: str
    desired: int
    active: bool
    minimum_percent: int
    maximum_percent: int
    breaker: bool
    rollback: bool
    grace: float
    balancers: tuple[LoadBalancer, ...]
    unsupported: tuple[str, ...]
    """What was asked of the service and has no effect here."""

    @property
    def key(self) -> str:
        return f"{self.cluster}:{self.name}"


class Backend:
    """ECS of one account and region, in this process."""

    def __init__(self, account: str, region: str) -> None:
        self.account = account
        self.region = region
        self._ecs: Any = get_backend("ecs")[account][region]
        self._definitions: dict[str, Definition] = {}

    def service_keys(self) -> list[str]:
        """All services, as `cluster:service`."""
        return [key for key, service in list(self._ecs.services.items()) if service.task_definition]

    def service(self, key: str) -> Any:  # noqa: ANN401 - a moto object
        return self._ecs.services[key]

    def wanted(self, key: str) -> Wanted:
        return self._wanted(self._ecs.services[key])

    def first_deployment(self, key: str) -> str:
        """The id that the client was told when it created the service."""
        return str(self._ecs.services[key].deployments[0]["id"])

    def clusters(self) -> Iterable[Any]:
        return list(self._ecs.clusters.values())

    def tasks(self, cluster: str) -> dict[str, Any]:
        """The tasks that clients see in a cluster, by ARN."""
        tasks: dict[str, Any] = self._ecs.tasks.setdefault(cluster, {})
        return tasks

    def definition(self, name: str) -> Definition:
        """A registered task definition, by ARN or `family:revision`."""
        found = self._ecs.describe_task_definition(name)
        if found.arn not in self._definitions:
            self._definitions[found.arn] = Definition.read(_raw(found))
        return self._definitions[found.arn]

    def arn(self, kind: str, *parts: str) -> str:
        return f"arn:aws:ecs:{self.region}:{self.account}:{kind}/{'/'.join(parts)}"

    def _wanted(self, service: Any) -> Wanted:  # noqa: ANN401 - a moto object
        configuration: Mapping[str, Any] = getattr(service, "deployment_configuration", None) or {}
        percent = {key: _first(configuration.get(key), value) for key, value in _PERCENT.items()}
        breaker = configuration.get("deploymentCircuitBreaker") or {}
        return Wanted(
            cluster=service.cluster_name,
            name=service.name,
            task_definition=self._ecs.describe_task_definition(service.task_definition).arn,
            desired=service.desired_count if service.status == "ACTIVE" else 0,
            active=service.status == "ACTIVE",
            minimum_percent=percent["minimumHealthyPercent"],
            maximum_percent=percent["maximumPercent"],
            breaker=bool(breaker.get("enable")),
            rollback=bool(breaker.get("rollback")),
            grace=float(getattr(service, "health_check_grace_period_seconds", None) or 0),
            balancers=tuple(
                LoadBalancer(each["targetGroupArn"], each["containerPort"])
                for each in service.load_balancers
                if each.get("targetGroupArn")
            ),
            unsupported=tuple(service_unsupported(service, configuration)),
        )


def _first(given: int | None, default: int) -> int:
    return default if given is None else given


def _raw(found: Any) -> dict[str, Any]:  # noqa: ANN401 - a moto object
    return {
        "taskDefinitionArn": found.arn,
        "family": found.family,
        "revision": found.revision,
        "cpu": found.cpu,
        "memory": found.memory,
        "volumes": found.volumes,
        "containerDefinitions": found.container_definitions,
        "pidMode": found.pid_mode,
        "ipcMode": found.ipc_mode,
        "proxyConfiguration": found.proxy_configuration,
        "inferenceAccelerators": found.inference_accelerators,
        "placementConstraints": found.placement_constraints,
    }
