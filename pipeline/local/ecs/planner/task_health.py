"""Combine a task's container health checks and its target health into one task health."""

from collections.abc import Sequence

from pipeline.local.ecs.planner.container_order import HealthStatus
from pipeline.local.ecs.planner.service_actions import TaskHealth
from pipeline.local.ecs.planner.task_state import TaskLastStatus, TaskState
from pipeline.local.target_health import TargetHealthState, TargetState

SETTLE_SECONDS = 1.0
"""A task without any check counts as healthy after this time, so a task that crashes at once never does."""
# ELBv2 does not check targets of an unused group, or of a group with checks turned off.
_HEALTHY_STATES = frozenset(
    {TargetHealthState.HEALTHY, TargetHealthState.UNUSED, TargetHealthState.UNAVAILABLE}
)


def task_health(
    task: TaskState, targets: Sequence[tuple[str, TargetState]], *, running: float, grace: float
) -> tuple[TaskHealth, str]:
    """The task's health, and the reason if it is unhealthy.

    `targets`: the task's state in each target group, by ARN; `running`: seconds since all containers have
    started; `grace`: healthCheckGracePeriodSeconds, during which failed checks do not count.
    """
    in_grace = running < grace
    if task.stopping:
        return TaskHealth.STOPPING, ""
    if task.last_status is not TaskLastStatus.RUNNING:
        return TaskHealth.STARTING, ""
    if task.health is HealthStatus.UNHEALTHY:
        return (
            (TaskHealth.STARTING, "")
            if in_grace
            else (TaskHealth.UNHEALTHY, "Task failed container health checks")
        )
    waiting = task.checked and task.health is not HealthStatus.HEALTHY
    if not task.checked and not targets:
        waiting = running < SETTLE_SECONDS
    for arn, target in targets:
        if target.state is TargetHealthState.UNHEALTHY and not in_grace:
            cause = f" due to ({target.reason})" if target.reason else ""
            return TaskHealth.UNHEALTHY, f"Task failed ELB health checks in (target-group {arn}){cause}"
        waiting = waiting or target.state not in _HEALTHY_STATES
    return (TaskHealth.STARTING if waiting else TaskHealth.HEALTHY), ""
