"""ECS: one service at one moment, with its deployments, tasks and events."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.aws.access import Aws
from pipeline.aws.client_errors import explain_errors
from pipeline.core.errors import TandemError

_PAGE = 100


class MissingServiceError(TandemError):
    """The cluster has no such service."""


@dataclass(frozen=True)
class DeploymentSnapshot:
    """One deployment of a service, by DescribeServices.

    `status` is PRIMARY for the newest; `state` is the rollout state, and `reason` ECS's reason for it.
    `desired`, `running`, `pending` and `failed` count tasks.
    """

    id: str
    status: str
    task_definition: str
    state: str
    reason: str
    desired: int
    running: int
    pending: int
    failed: int


@dataclass(frozen=True)
class TaskContainer:
    """One container of a task."""

    name: str
    status: str
    health: str
    exit_code: int | None
    reason: str
    runtime_id: str = ""
    """The container's id on its host: Docker's on the local stack."""
    image_digest: str = ""


@dataclass(frozen=True)
class Task:
    """One task, by DescribeTasks.

    `times` holds its timestamps by their names (createdAt, pullStartedAt, …). `phases` holds the seconds that
    the local ECS measured, such as the copy of a volume, by name.
    """

    id: str
    task_definition: str
    status: str
    health: str
    stopped_reason: str
    stop_code: str
    containers: tuple[TaskContainer, ...]
    times: Mapping[str, datetime]
    phases: Mapping[str, float]


@dataclass(frozen=True)
class ServiceSnapshot:
    """A service at one moment, by DescribeServices and DescribeTasks; the newest event is first."""

    task_definition: str
    desired: int
    running: int
    deployments: tuple[DeploymentSnapshot, ...]
    tasks: tuple[Task, ...]
    events: tuple[tuple[datetime, str], ...]

    def deployment_of(self, task_definition: str) -> DeploymentSnapshot | None:
        """The newest deployment of that revision, the primary one first; None if there is none."""
        deployments = [item for item in self.deployments if item.task_definition == task_definition]
        return next(iter(sorted(deployments, key=lambda item: item.status != "PRIMARY")), None)

    def tasks_of(self, task_definition: str) -> list[Task]:
        """The tasks of that revision, stopped ones included."""
        return [task for task in self.tasks if task.task_definition == task_definition]


def read_service(aws: Aws, cluster: str, service: str) -> ServiceSnapshot:
    """Ask ECS about `service`.

    Raises:
        MissingServiceError: the cluster or the service does not exist.
        TandemError: AWS refuses.
    """
    with explain_errors(f"describe the service {service}"):
        ecs = aws.client("ecs")
        try:
            services = ecs.describe_services(cluster=cluster, services=[service])["services"]
        except ecs.exceptions.ClusterNotFoundException:
            services = []
    # A deleted service is DRAINING while its tasks stop, and INACTIVE after that.
    active = [item for item in services if item.get("status") not in {"DRAINING", "INACTIVE"}]
    if not active:
        raise MissingServiceError(
            f"there is no service {service} in cluster {cluster}", hint="tandem up; in AWS: make apply ENV=…"
        )
    described: Mapping[str, Any] = active[0]
    return ServiceSnapshot(
        task_definition=described["taskDefinition"],
        desired=described["desiredCount"],
        running=described["runningCount"],
        deployments=tuple(_deployment(item) for item in described.get("deployments", [])),
        tasks=tuple(_tasks(aws, cluster, service)),
        events=tuple((item["createdAt"], item["message"]) for item in described.get("events", [])),
    )


def _deployment(item: Mapping[str, Any]) -> DeploymentSnapshot:
    return DeploymentSnapshot(
        id=item["id"],
        status=item["status"],
        task_definition=item["taskDefinition"],
        state=item.get("rolloutState", ""),
        reason=item.get("rolloutStateReason", ""),
        desired=item.get("desiredCount", 0),
        running=item.get("runningCount", 0),
        pending=item.get("pendingCount", 0),
        failed=item.get("failedTasks", 0),
    )


def _tasks(aws: Aws, cluster: str, service: str) -> list[Task]:
    """Running tasks, and those that stopped within the last hour or so: ECS forgets them later."""
    ecs = aws.client("ecs")
    with explain_errors(f"list the tasks of {service}"):
        arns: list[str] = []
        for status in ("RUNNING", "STOPPED"):
            pages = ecs.get_paginator("list_tasks").paginate(
                cluster=cluster, serviceName=service, desiredStatus=status
            )
            arns += [arn for page in pages for arn in page["taskArns"]]
        descriptions: list[Mapping[str, Any]] = []
        for start in range(0, len(arns), _PAGE):
            descriptions += ecs.describe_tasks(cluster=cluster, tasks=arns[start : start + _PAGE])["tasks"]
    return [parse_task(item) for item in descriptions]


def parse_task(item: Mapping[str, Any]) -> Task:
    """One task of the answer of DescribeTasks."""
    attributes = {entry["name"]: entry.get("value", "") for entry in item.get("attributes", [])}
    prefix = "io.tandem.phase."
    return Task(
        id=item["taskArn"].rpartition("/")[2],
        task_definition=item["taskDefinitionArn"],
        status=item.get("lastStatus", ""),
        health=item.get("healthStatus", "UNKNOWN"),
        stopped_reason=item.get("stoppedReason", ""),
        stop_code=item.get("stopCode", ""),
        containers=tuple(
            TaskContainer(
                name=container["name"],
                status=container.get("lastStatus", ""),
                health=container.get("healthStatus", "UNKNOWN"),
                exit_code=container.get("exitCode"),
                reason=container.get("reason", ""),
                runtime_id=container.get("runtimeId", ""),
                image_digest=container.get("imageDigest", ""),
            )
            for container in item.get("containers", [])
        ),
        times={key: value for key, value in item.items() if isinstance(value, datetime)},
        phases={
            name.removeprefix(prefix): float(value)
            for name, value in attributes.items()
            if name.startswith(prefix)
        },
    )
