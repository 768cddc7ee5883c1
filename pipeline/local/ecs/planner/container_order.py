"""Decide which containers of a task start next, which cannot start any more, and their stop order."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.local.ecs.planner.task_definition import (
    ContainerDefinition,
    Dependency,
    DependencyCondition,
    TaskDefinition,
)


class ContainerLastStatus(StrEnum):
    """A container's `lastStatus`."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    STOPPED = "STOPPED"


class HealthStatus(StrEnum):
    """A container's `healthStatus`."""

    UNKNOWN = "UNKNOWN"
    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"


@dataclass(frozen=True)
class ContainerProgress:
    """How far one container is; times in monotonic seconds."""

    last_status: ContainerLastStatus = ContainerLastStatus.PENDING
    exit_code: int | None = None
    health: HealthStatus = HealthStatus.UNKNOWN
    started: float | None = None


@dataclass(frozen=True)
class NextContainers:
    """Containers to start now, and those that cannot start any more, each with the reason."""

    start: tuple[str, ...]
    blocked: tuple[tuple[str, str], ...]


def _met(condition: DependencyCondition, progress: ContainerProgress) -> bool:
    match condition:
        case DependencyCondition.START:
            return progress.last_status is not ContainerLastStatus.PENDING
        case DependencyCondition.COMPLETE:
            return progress.last_status is ContainerLastStatus.STOPPED
        case DependencyCondition.SUCCESS:
            return progress.last_status is ContainerLastStatus.STOPPED and progress.exit_code == 0
        case DependencyCondition.HEALTHY:
            return progress.health is HealthStatus.HEALTHY


def _blocking_reason(
    dependency: Dependency, on: ContainerDefinition, progress: ContainerProgress, now: float
) -> str:
    """The reason why the condition cannot be met any more; empty while it can."""
    name, condition = dependency.container, dependency.condition
    if condition is DependencyCondition.SUCCESS and progress.last_status is ContainerLastStatus.STOPPED:
        return f"container {name} exited {progress.exit_code}, SUCCESS was required"
    if condition is DependencyCondition.HEALTHY and progress.last_status is ContainerLastStatus.STOPPED:
        return f"container {name} exited {progress.exit_code} before it was HEALTHY"
    if (
        on.start_timeout is not None
        and progress.started is not None
        and now - progress.started > on.start_timeout
    ):
        return f"container {name} was not {condition} within its startTimeout of {on.start_timeout} s"
    return ""


def next_containers(
    definition: TaskDefinition, progress: Mapping[str, ContainerProgress], now: float
) -> NextContainers:
    """Apply `dependsOn` and `volumesFrom` to each container's progress; `now` in monotonic seconds."""
    start: list[str] = []
    blocked: list[tuple[str, str]] = []
    for container in definition.containers:
        if progress[container.name].last_status is not ContainerLastStatus.PENDING:
            continue
        unmet = [item for item in container.depends_on if not _met(item.condition, progress[item.container])]
        reasons = [
            _blocking_reason(item, definition[item.container], progress[item.container], now)
            for item in unmet
        ]
        sources = (progress[item.container] for item in container.volumes_from)
        if any(reasons):
            blocked.append((container.name, next(filter(None, reasons))))
        elif not unmet and all(source.last_status is not ContainerLastStatus.PENDING for source in sources):
            start.append(container.name)
    return NextContainers(tuple(start), tuple(blocked))


def should_restart(container: ContainerDefinition, exit_code: int | None, seconds: float) -> bool:
    """Whether the restart policy starts a container again that ran for `seconds`."""
    policy = container.restart
    return policy is not None and exit_code not in policy.ignored and seconds >= policy.period


def all_started(definition: TaskDefinition, progress: Mapping[str, ContainerProgress]) -> bool:
    """Whether every container has started: the task is RUNNING then."""
    return all(
        progress[container.name].last_status is not ContainerLastStatus.PENDING
        for container in definition.containers
    )


def stop_order(definition: TaskDefinition) -> tuple[tuple[str, ...], ...]:
    """Groups of containers in stop order: a container stops before those that it depends on."""
    needed_by: dict[str, set[str]] = {container.name: set() for container in definition.containers}
    for container in definition.containers:
        names = {item.container for item in container.depends_on}
        for name in names | {item.container for item in container.volumes_from}:
            needed_by[name].add(container.name)
    groups: list[tuple[str, ...]] = []
    while needed_by:
        free = tuple(name for name, users in needed_by.items() if not users) or tuple(needed_by)
        groups.append(free)
        needed_by = {name: users - set(free) for name, users in needed_by.items() if name not in free}
    return tuple(groups)
