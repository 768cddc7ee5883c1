"""The deployments of a service as values, and how they change."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

_LEAST_FAILURES, _MOST_FAILURES = 3, 200  # AWS: deployment circuit breaker, failure threshold
_BACKOFF_FROM, _BACKOFF_MOST = 3, 30.0


class Rollout(StrEnum):
    """A deployment's rollout state."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Deployment:
    """One attempt to run one task definition."""

    id: str
    task_definition: str
    created: datetime
    updated: datetime
    rollout: Rollout = Rollout.IN_PROGRESS
    reason: str = ""
    failed: int = 0
    strikes: int = 0
    """Tasks in a row that ended before they served."""
    not_before: float = 0.0
    """Monotonic time before which no further task starts: failing tasks are not retried at full speed."""


Deployments = tuple[Deployment, ...]
"""The primary first, then what it replaces, newest first."""


def _now() -> datetime:
    return datetime.now(UTC)


def begin(deployments: Deployments, deployment_id: str, task_definition: str) -> Deployments:
    """A new primary; what was primary becomes what it replaces."""
    now = _now()
    reason = f"ECS deployment {deployment_id} in progress."
    return (Deployment(deployment_id, task_definition, now, now, reason=reason), *deployments)


def change(deployments: Deployments, deployment_id: str, **values: object) -> Deployments:
    return tuple(
        replace(item, updated=_now(), **values) if item.id == deployment_id else item  # type: ignore[arg-type]
        for item in deployments
    )


def complete(deployments: Deployments, deployment_id: str) -> Deployments:
    reason = f"ECS deployment {deployment_id} completed."
    return change(deployments, deployment_id, rollout=Rollout.COMPLETED, reason=reason, failed=0)


def drop(deployments: Deployments, deployment_id: str) -> Deployments:
    return tuple(item for item in deployments if item.id != deployment_id)


def count_failure(deployments: Deployments, deployment_id: str, now: float) -> Deployments:
    """A task of the deployment ended before it served; from the third in a row the next waits ever longer."""
    found = next((item for item in deployments if item.id == deployment_id), None)
    if found is None:
        return deployments
    strikes = found.strikes + 1
    over = strikes - _BACKOFF_FROM
    return change(
        deployments,
        deployment_id,
        failed=found.failed + (found.rollout is Rollout.IN_PROGRESS),
        strikes=strikes,
        not_before=now + min(2.0**over / 2, _BACKOFF_MOST) if over >= 0 else 0.0,
    )


def served(deployments: Deployments, deployment_id: str) -> Deployments:
    """A task of the deployment serves: what follows need not wait."""
    return change(deployments, deployment_id, strikes=0, not_before=0.0)


def fail(
    deployments: Deployments, deployment_id: str, back_to: str | None, new_id: Callable[[], str]
) -> Deployments:
    """The circuit breaker opened; with `back_to`, that task definition is primary again."""
    failed = change(
        deployments,
        deployment_id,
        rollout=Rollout.FAILED,
        reason="ECS deployment circuit breaker: tasks failed to start.",
    )
    if back_to is None:
        return failed
    listed = next((item for item in failed if item.task_definition == back_to), None)
    if listed is None:
        (first, *_) = failed = begin(failed, new_id(), back_to)
    else:
        first = listed
    reason = f"ECS deployment circuit breaker: rolling back to deploymentId {first.id}."
    first = replace(
        first, rollout=Rollout.IN_PROGRESS, reason=reason, failed=0, strikes=0, not_before=0.0, updated=_now()
    )
    return (first, *drop(failed, first.id))


def threshold(desired: int) -> int:
    """How many failed tasks open the circuit breaker: half of the desired, at least 3, at most 200."""
    return min(max(-(-desired // 2), _LEAST_FAILURES), _MOST_FAILURES)
