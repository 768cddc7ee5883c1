"""One look at a service: its deployments, tasks and events, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.aws import client as aws
from pipeline.core.errors import TandemError

_PAGE = 100


@dataclass(frozen=True)
class Deployment:
    """One of the service's deployments. `status` is PRIMARY for the newest, `state` its rollout state."""

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
class Container:
    """One container of a task."""

    name: str
    status: str
    health: str
    exit_code: int | None
    reason: str


@dataclass(frozen=True)
class Task:
    """One task; `times` holds when it reached what, by DescribeTasks' names."""

    id: str
    task_definition: str
    status: str
    health: str
    stopped_reason: str
    stop_code: str
    containers: tuple[Container, ...]
    times: Mapping[str, datetime]
    phases: Mapping[str, float]


@dataclass(frozen=True)
class Look:
    """The service at one moment; events newest first."""

    task_definition: str
    desired: int
    running: int
    deployments: tuple[Deployment, ...]
    tasks: tuple[Task, ...]
    events: tuple[tuple[datetime, str], ...]

    def deployment_of(self, task_definition: str) -> Deployment | None:
        """The newest deployment of that revision."""
        return next((item for item in self.deployments if item.task_definition == task_definition), None)

    def tasks_of(self, task_definition: str) -> list[Task]:
        return [task for task in self.tasks if task.task_definition == task_definition]


def look(cluster: str, service: str) -> Look:
    """Ask ECS; TandemError if the service is not there."""
    with aws.asking(f"describe the service {service}"):
        found = aws.client("ecs").describe_services(cluster=cluster, services=[service])["services"]
    active = [item for item in found if item.get("status") != "INACTIVE"]
    if not active:
        raise TandemError(
            f"there is no service {service} in cluster {cluster}", hint="tandem up, or make apply"
        )
    shown: Mapping[str, Any] = active[0]
    return Look(
        task_definition=shown["taskDefinition"],
        desired=shown["desiredCount"],
        running=shown["runningCount"],
        deployments=tuple(_deployment(item) for item in shown.get("deployments", [])),
        tasks=tuple(_tasks(cluster, service)),
        events=tuple((item["createdAt"], item["message"]) for item in shown.get("events", [])),
    )


def _deployment(item: Mapping[str, Any]) -> Deployment:
    return Deployment(
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


def _tasks(cluster: str, service: str) -> list[Task]:
    """Running tasks, and the stopped ones that ECS still knows (about an hour)."""
    ecs = aws.client("ecs")
    with aws.asking(f"list the tasks of {service}"):
        arns: list[str] = []
        for status in ("RUNNING", "STOPPED"):
            pages = ecs.get_paginator("list_tasks").paginate(
                cluster=cluster, serviceName=service, desiredStatus=status
            )
            arns += [arn for page in pages for arn in page["taskArns"]]
        found: list[Mapping[str, Any]] = []
        for start in range(0, len(arns), _PAGE):
            found += ecs.describe_tasks(cluster=cluster, tasks=arns[start : start + _PAGE])["tasks"]
    return [_task(item) for item in found]


def _task(item: Mapping[str, Any]) -> Task:
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
            Container(
                name=container["name"],
                status=container.get("lastStatus", ""),
                health=container.get("healthStatus", "UNKNOWN"),
                exit_code=container.get("exitCode"),
                reason=container.get("reason", ""),
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
