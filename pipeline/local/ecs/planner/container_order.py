"""Which containers of a task may start, which never will, and in what order they stop."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.local.ecs.planner.task_definition import Condition, Container, Definition, Dependency


class Stage(StrEnum):
    """How far a container is, in ECS's words."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    STOPPED = "STOPPED"


class Health(StrEnum):
    """What a container's health check says."""

    UNKNOWN = "UNKNOWN"
    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"


@dataclass(frozen=True)
class Seen:
    """What is known of one container; times are monotonic seconds."""

    stage: Stage = Stage.PENDING
    exit_code: int | None = None
    health: Health = Health.UNKNOWN
    started: float | None = None


@dataclass(frozen=True)
class Next:
    """Containers to start now, and those that never can, with the reason."""

    start: tuple[str, ...]
    never: tuple[tuple[str, str], ...]


def _met(condition: Condition, seen: Seen) -> bool:
    match condition:
        case Condition.START:
            return seen.stage is not Stage.PENDING
        case Condition.COMPLETE:
            return seen.stage is Stage.STOPPED
        case Condition.SUCCESS:
            return seen.stage is Stage.STOPPED and seen.exit_code == 0
        case Condition.HEALTHY:
            return seen.health is Health.HEALTHY


def _hopeless(dependency: Dependency, on: Container, seen: Seen, now: float) -> str:
    """Why the dependency can never be met; empty while it still can."""
    name, condition = dependency.container, dependency.condition
    if condition is Condition.SUCCESS and seen.stage is Stage.STOPPED:
        return f"container {name} exited {seen.exit_code}, SUCCESS was required"
    if condition is Condition.HEALTHY and seen.stage is Stage.STOPPED:
        return f"container {name} exited {seen.exit_code} before it was HEALTHY"
    if on.start_timeout is not None and seen.started is not None and now - seen.started > on.start_timeout:
        return f"container {name} was not {condition} within its startTimeout of {on.start_timeout} s"
    return ""


def following(definition: Definition, seen: Mapping[str, Seen], now: float) -> Next:
    """Decide what follows from what is known of each container."""
    start: list[str] = []
    never: list[tuple[str, str]] = []
    for container in definition.containers:
        if seen[container.name].stage is not Stage.PENDING:
            continue
        unmet = [item for item in container.depends_on if not _met(item.condition, seen[item.container])]
        reasons = [_hopeless(item, definition[item.container], seen[item.container], now) for item in unmet]
        sources = (seen[item.container] for item in container.volumes_from)
        if any(reasons):
            never.append((container.name, next(filter(None, reasons))))
        elif not unmet and all(source.stage is not Stage.PENDING for source in sources):
            start.append(container.name)
    return Next(tuple(start), tuple(never))


def restarts(container: Container, exit_code: int | None, ran: float) -> bool:
    """Whether a container that exited after so many seconds is started again in place."""
    policy = container.restart
    return policy is not None and exit_code not in policy.ignored and ran >= policy.period


def settled(definition: Definition, seen: Mapping[str, Seen]) -> bool:
    """Whether every container has been started: the task is RUNNING."""
    return all(seen[container.name].stage is not Stage.PENDING for container in definition.containers)


def stop_order(definition: Definition) -> tuple[tuple[str, ...], ...]:
    """Groups of containers in the order they stop: whoever depends on others goes first."""
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
