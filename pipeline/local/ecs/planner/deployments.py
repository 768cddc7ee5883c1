"""The deployments of an ECS service as immutable values, and the functions that change them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

_LEAST_FAILURES, _MOST_FAILURES = 3, 200  # AWS: deployment circuit breaker, failure threshold
_BACKOFF_FROM, _BACKOFF_MOST = 3, 30.0


class RolloutState(StrEnum):
    """A deployment's rollout state."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class PlannedDeployment:
    """One deployment of a service: one task definition on its way to the desired count."""

    id: str
    task_definition: str
    created: datetime
    updated: datetime
    rollout_state: RolloutState = RolloutState.IN_PROGRESS
    reason: str = ""
    failed_tasks: int = 0
    consecutive_failures: int = 0
    """Tasks in a row that ended before they were healthy."""
    retry_at: float = 0.0
    """Monotonic time of the next task start: failing tasks are retried with an exponential backoff."""


PlannedDeployments = tuple[PlannedDeployment, ...]
"""The primary deployment first, then the ones that it replaces, newest first."""


def _now() -> datetime:
    return datetime.now(UTC)


def begin(deployments: PlannedDeployments, deployment_id: str, task_definition: str) -> PlannedDeployments:
    """Add a new primary deployment in front of the present one."""
    now = _now()
    reason = f"ECS deployment {deployment_id} in progress."
    return (PlannedDeployment(deployment_id, task_definition, now, now, reason=reason), *deployments)


def change(deployments: PlannedDeployments, deployment_id: str, **values: object) -> PlannedDeployments:
    """Replace these fields of one deployment, and its time of update."""
    return tuple(
        replace(item, updated=_now(), **values) if item.id == deployment_id else item  # type: ignore[arg-type]
        for item in deployments
    )


def complete(deployments: PlannedDeployments, deployment_id: str) -> PlannedDeployments:
    """Set the deployment's rollout state to COMPLETED."""
    reason = f"ECS deployment {deployment_id} completed."
    return change(
        deployments, deployment_id, rollout_state=RolloutState.COMPLETED, reason=reason, failed_tasks=0
    )


def drop(deployments: PlannedDeployments, deployment_id: str) -> PlannedDeployments:
    """Remove one deployment."""
    return tuple(item for item in deployments if item.id != deployment_id)


def count_failure(deployments: PlannedDeployments, deployment_id: str, now: float) -> PlannedDeployments:
    """Count a task that ended before it was healthy; from the third in a row on the backoff grows."""
    deployment = next((item for item in deployments if item.id == deployment_id), None)
    if deployment is None:
        return deployments
    failures = deployment.consecutive_failures + 1
    exponent = failures - _BACKOFF_FROM
    return change(
        deployments,
        deployment_id,
        failed_tasks=deployment.failed_tasks + (deployment.rollout_state is RolloutState.IN_PROGRESS),
        consecutive_failures=failures,
        retry_at=now + min(2.0**exponent / 2, _BACKOFF_MOST) if exponent >= 0 else 0.0,
    )


def reset_backoff(deployments: PlannedDeployments, deployment_id: str) -> PlannedDeployments:
    """Start further tasks without delay: a task of the deployment is healthy."""
    return change(deployments, deployment_id, consecutive_failures=0, retry_at=0.0)


def fail(
    deployments: PlannedDeployments, deployment_id: str, rollback_to: str | None, new_id: Callable[[], str]
) -> PlannedDeployments:
    """Fail the deployment (the circuit breaker opened); `rollback_to` becomes the primary task definition."""
    failed = change(
        deployments,
        deployment_id,
        rollout_state=RolloutState.FAILED,
        reason="ECS deployment circuit breaker: tasks failed to start.",
    )
    if rollback_to is None:
        return failed
    earlier = next((item for item in failed if item.task_definition == rollback_to), None)
    if earlier is None:
        (first, *_) = failed = begin(failed, new_id(), rollback_to)
    else:
        first = earlier
    reason = f"ECS deployment circuit breaker: rolling back to deploymentId {first.id}."
    first = replace(
        first,
        rollout_state=RolloutState.IN_PROGRESS,
        reason=reason,
        failed_tasks=0,
        consecutive_failures=0,
        retry_at=0.0,
        updated=_now(),
    )
    return (first, *drop(failed, first.id))


def failure_threshold(desired_count: int) -> int:
    """Number of failed tasks that opens the circuit breaker: half the desired count, from 3 to 200."""
    return min(max(-(-desired_count // 2), _LEAST_FAILURES), _MOST_FAILURES)
