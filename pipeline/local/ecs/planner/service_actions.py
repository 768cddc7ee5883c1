"""Decide the next actions for a service from its tasks and deployments: a pure function."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from pipeline.local.ecs.planner.deployments import (
    PlannedDeployment,
    PlannedDeployments,
    RolloutState,
    failure_threshold,
)


class TaskHealth(StrEnum):
    """A task's health, from its containers' and its targets' checks together."""

    STARTING = "starting"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    STOPPING = "stopping"


class StopCode(StrEnum):
    """Why a task stopped, in ECS's words."""

    FAILED_TO_START = "TaskFailedToStart"
    ESSENTIAL_EXITED = "EssentialContainerExited"
    USER = "UserInitiated"
    SCHEDULER = "ServiceSchedulerInitiated"


@dataclass(frozen=True)
class ServiceTask:
    """One task of the service; `created` in monotonic seconds."""

    id: str
    deployment: str
    health: TaskHealth
    created: float
    reason: str = ""
    """Why it is unhealthy."""


@dataclass(frozen=True)
class Service:
    """One ECS service: the settings that a client gave, and its deployments."""

    name: str
    desired_count: int
    deployments: PlannedDeployments
    minimum_percent: int = 100
    maximum_percent: int = 200
    circuit_breaker: bool = False
    rollback: bool = False
    last_completed: str | None = None
    """Task definition of the newest completed deployment."""
    active: bool = True

    @property
    def primary(self) -> PlannedDeployment:
        return self.deployments[0]

    @property
    def minimum_healthy(self) -> int:
        """Number of tasks that must stay healthy (minimumHealthyPercent)."""
        return ceil(self.desired_count * self.minimum_percent / 100)

    @property
    def maximum_tasks(self) -> int:
        """Number of tasks that may start or run at once (maximumPercent)."""
        return self.desired_count * self.maximum_percent // 100


@dataclass(frozen=True)
class StartTasks:
    """Start `count` tasks of a deployment."""

    deployment: str
    count: int


@dataclass(frozen=True)
class StopTask:
    """Stop a task: deregister its targets, then stop its containers."""

    task: str
    reason: str


@dataclass(frozen=True)
class FailDeployment:
    """Open the circuit breaker; roll back to a task definition, or to none."""

    deployment: str
    rollback_to: str | None


@dataclass(frozen=True)
class CompleteDeployment:
    """Complete a deployment: all its tasks are healthy, and no other deployment has a task."""

    deployment: str


@dataclass(frozen=True)
class DropDeployment:
    """Remove a replaced deployment without tasks."""

    deployment: str


Action = StartTasks | StopTask | FailDeployment | CompleteDeployment | DropDeployment


def decide(service: Service, tasks: Sequence[ServiceTask], now: float) -> tuple[Action, ...]:
    """The actions to take now.

    `tasks` are all tasks that have not stopped yet, `now` is in monotonic seconds.
    """
    scaling = f"Scaling activity initiated by (deployment {service.primary.id})"
    if not service.active:
        return tuple(StopTask(task.id, scaling) for task in tasks if task.health is not TaskHealth.STOPPING)
    if _breaker_opens(service):
        return (FailDeployment(service.primary.id, _rollback_target(service)),)
    live = [task for task in tasks if task.health is not TaskHealth.STOPPING]
    primary_tasks = [task for task in live if task.deployment == service.primary.id]
    replaced_tasks = [task for task in live if task.deployment != service.primary.id]
    return (
        *_starts(service, primary_tasks, len(live), now),
        *_unhealthy(service, primary_tasks, live),
        *(StopTask(task.id, scaling) for task in _surplus(service, primary_tasks)),
        *(StopTask(task.id, scaling) for task in _replaced(service, replaced_tasks, live)),
        *_ends(service, primary_tasks, tasks),
    )


def _breaker_opens(service: Service) -> bool:
    primary = service.primary
    return (
        service.circuit_breaker
        and primary.rollout_state is RolloutState.IN_PROGRESS
        and primary.failed_tasks >= failure_threshold(service.desired_count)
    )


def _rollback_target(service: Service) -> str | None:
    last = service.last_completed
    return last if service.rollback and last != service.primary.task_definition else None


def _healthy_count(tasks: Sequence[ServiceTask]) -> int:
    return sum(task.health is TaskHealth.HEALTHY for task in tasks)


def _starts(
    service: Service, primary_tasks: Sequence[ServiceTask], live: int, now: float
) -> Iterator[StartTasks]:
    primary = service.primary
    if primary.rollout_state is RolloutState.FAILED or now < primary.retry_at:
        return
    usable = sum(task.health is not TaskHealth.UNHEALTHY for task in primary_tasks)
    count = min(service.desired_count - usable, service.maximum_tasks - live)
    if count > 0:
        yield StartTasks(primary.id, count)


def _unhealthy(
    service: Service, primary_tasks: Sequence[ServiceTask], live: Sequence[ServiceTask]
) -> Iterator[StopTask]:
    """Stop unhealthy tasks once their replacements are healthy, or one where there is no room for more."""
    unhealthy = [task for task in primary_tasks if task.health is TaskHealth.UNHEALTHY]
    if (
        service.primary.rollout_state is RolloutState.IN_PROGRESS
        or _healthy_count(live) >= service.minimum_healthy
    ):
        yield from (StopTask(task.id, task.reason) for task in unhealthy)
    elif len(live) >= service.maximum_tasks:
        yield from (StopTask(task.id, task.reason) for task in unhealthy[:1])


def _surplus(service: Service, primary_tasks: Sequence[ServiceTask]) -> Sequence[ServiceTask]:
    """Tasks above the desired count: first those that are not healthy yet, then the newest."""
    usable = [task for task in primary_tasks if task.health is not TaskHealth.UNHEALTHY]
    extra = len(usable) - service.desired_count
    if extra <= 0:
        return ()
    return sorted(usable, key=lambda task: (task.health is TaskHealth.HEALTHY, -task.created))[:extra]


def _replaced(
    service: Service, replaced_tasks: Sequence[ServiceTask], live: Sequence[ServiceTask]
) -> Sequence[ServiceTask]:
    """Tasks of replaced deployments that may stop without going below `minimum_healthy`."""
    if service.primary.rollout_state is RolloutState.FAILED:
        return ()
    idle = [task for task in replaced_tasks if task.health is not TaskHealth.HEALTHY]
    healthy = sorted(
        (task for task in replaced_tasks if task.health is TaskHealth.HEALTHY), key=lambda task: task.created
    )
    free = max(_healthy_count(live) - service.minimum_healthy, 0)
    return (*idle, *healthy[:free])


def _ends(
    service: Service, primary_tasks: Sequence[ServiceTask], tasks: Sequence[ServiceTask]
) -> Iterator[Action]:
    primary, *replaced = service.deployments
    with_tasks = {task.deployment for task in tasks}
    healthy = _healthy_count(primary_tasks)
    is_done = len(primary_tasks) == service.desired_count == healthy and with_tasks <= {primary.id}
    if is_done and primary.rollout_state is RolloutState.IN_PROGRESS:
        yield CompleteDeployment(primary.id)
    for deployment in replaced:
        # A failed deployment stays listed until the rollback is complete, so that clients can see it.
        may_go = (
            deployment.rollout_state is not RolloutState.FAILED
            or primary.rollout_state is RolloutState.COMPLETED
        )
        if deployment.id not in with_tasks and may_go:
            yield DropDeployment(deployment.id)
