"""Decide what a service needs next from what is known of its tasks: a pure function."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from pipeline.local.ecs.planner.deployments import Deployment, Deployments, Rollout, threshold


class Fit(StrEnum):
    """Whether a task counts as one that serves."""

    STARTING = "starting"
    FIT = "fit"
    UNFIT = "unfit"
    STOPPING = "stopping"


class StopCode(StrEnum):
    """Why a task stopped, in ECS's words."""

    FAILED_TO_START = "TaskFailedToStart"
    ESSENTIAL_EXITED = "EssentialContainerExited"
    USER = "UserInitiated"
    SCHEDULER = "ServiceSchedulerInitiated"


@dataclass(frozen=True)
class TaskState:
    """One task as the decision sees it; `created` in monotonic seconds."""

    id: str
    deployment: str
    fit: Fit
    created: float
    reason: str = ""
    """Why it is unfit."""


@dataclass(frozen=True)
class Service:
    """One ECS service: what is wanted, and its deployments."""

    name: str
    desired: int
    deployments: Deployments
    minimum_percent: int = 100
    maximum_percent: int = 200
    breaker: bool = False
    rollback: bool = False
    last_completed: str | None = None
    """The task definition of the last deployment that completed."""
    active: bool = True

    @property
    def primary(self) -> Deployment:
        return self.deployments[0]

    @property
    def least(self) -> int:
        """How many tasks must stay fit."""
        return ceil(self.desired * self.minimum_percent / 100)

    @property
    def most(self) -> int:
        """How many tasks may start or run at once."""
        return self.desired * self.maximum_percent // 100


@dataclass(frozen=True)
class Start:
    """Start so many tasks of a deployment."""

    deployment: str
    count: int


@dataclass(frozen=True)
class Stop:
    """Stop a task: out of the load balancer first, then its containers."""

    task: str
    reason: str


@dataclass(frozen=True)
class Fail:
    """Open the circuit breaker; go back to a task definition if there is one."""

    deployment: str
    back_to: str | None


@dataclass(frozen=True)
class Complete:
    """The deployment runs as wanted, and nothing else does."""

    deployment: str


@dataclass(frozen=True)
class Drop:
    """Nothing is left of a replaced deployment."""

    deployment: str


Action = Start | Stop | Fail | Complete | Drop


def decide(service: Service, tasks: Sequence[TaskState], now: float) -> tuple[Action, ...]:
    """What to do now, given all tasks that have not stopped yet."""
    scaling = f"Scaling activity initiated by (deployment {service.primary.id})"
    if not service.active:
        return tuple(Stop(task.id, scaling) for task in tasks if task.fit is not Fit.STOPPING)
    if _broken(service):
        return (Fail(service.primary.id, _back_to(service)),)
    live = [task for task in tasks if task.fit is not Fit.STOPPING]
    ours = [task for task in live if task.deployment == service.primary.id]
    others = [task for task in live if task.deployment != service.primary.id]
    return (
        *_starts(service, ours, len(live), now),
        *_unfit(service, ours, live),
        *(Stop(task.id, scaling) for task in _surplus(service, ours)),
        *(Stop(task.id, scaling) for task in _replaced(service, others, live)),
        *_ends(service, ours, tasks),
    )


def _broken(service: Service) -> bool:
    primary = service.primary
    return (
        service.breaker
        and primary.rollout is Rollout.IN_PROGRESS
        and primary.failed >= threshold(service.desired)
    )


def _back_to(service: Service) -> str | None:
    before = service.last_completed
    return before if service.rollback and before != service.primary.task_definition else None


def _fit(tasks: Sequence[TaskState]) -> int:
    return sum(task.fit is Fit.FIT for task in tasks)


def _starts(service: Service, ours: Sequence[TaskState], live: int, now: float) -> Iterator[Start]:
    primary = service.primary
    if primary.rollout is Rollout.FAILED or now < primary.not_before:
        return
    usable = sum(task.fit is not Fit.UNFIT for task in ours)
    count = min(service.desired - usable, service.most - live)
    if count > 0:
        yield Start(primary.id, count)


def _unfit(service: Service, ours: Sequence[TaskState], live: Sequence[TaskState]) -> Iterator[Stop]:
    """Unfit tasks go once their replacement serves, or when there is no room for one."""
    unfit = [task for task in ours if task.fit is Fit.UNFIT]
    if service.primary.rollout is Rollout.IN_PROGRESS or _fit(live) >= service.least:
        yield from (Stop(task.id, task.reason) for task in unfit)
    elif len(live) >= service.most:
        yield from (Stop(task.id, task.reason) for task in unfit[:1])


def _surplus(service: Service, ours: Sequence[TaskState]) -> Sequence[TaskState]:
    """After scaling in: first what does not serve yet, then the newest."""
    usable = [task for task in ours if task.fit is not Fit.UNFIT]
    extra = len(usable) - service.desired
    if extra <= 0:
        return ()
    return sorted(usable, key=lambda task: (task.fit is Fit.FIT, -task.created))[:extra]


def _replaced(
    service: Service, others: Sequence[TaskState], live: Sequence[TaskState]
) -> Sequence[TaskState]:
    """What runs of replaced deployments and may go without falling below the least."""
    if service.primary.rollout is Rollout.FAILED:
        return ()
    idle = [task for task in others if task.fit is not Fit.FIT]
    serving = sorted((task for task in others if task.fit is Fit.FIT), key=lambda task: task.created)
    free = max(_fit(live) - service.least, 0)
    return (*idle, *serving[:free])


def _ends(service: Service, ours: Sequence[TaskState], tasks: Sequence[TaskState]) -> Iterator[Action]:
    primary, *replaced = service.deployments
    left = {task.deployment for task in tasks}
    done = len(ours) == service.desired == _fit(ours) and left <= {primary.id}
    if done and primary.rollout is Rollout.IN_PROGRESS:
        yield Complete(primary.id)
    for deployment in replaced:
        # A failed deployment stays listed until the rollback is complete, so that it can be seen.
        seen = deployment.rollout is not Rollout.FAILED or primary.rollout is Rollout.COMPLETED
        if deployment.id not in left and seen:
            yield Drop(deployment.id)
