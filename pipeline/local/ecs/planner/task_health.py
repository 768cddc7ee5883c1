"""Whether a task counts as one that serves: its containers' checks and its targets' together."""

from collections.abc import Sequence

from pipeline.local.ecs.planner.container_order import Health
from pipeline.local.ecs.planner.reconcile import Fit
from pipeline.local.ecs.planner.task_state import Report, Status
from pipeline.local.target_health import State, TargetState

SETTLE_SECONDS = 1.0
"""A task that nothing checks counts as fit after this time: one that crashes at once never does."""
# Nobody checks a target group that no listener uses, or whose checks are off.
_SERVES = frozenset({State.HEALTHY, State.UNUSED, State.UNAVAILABLE})


def fitness(
    report: Report, targets: Sequence[tuple[str, TargetState]], *, running: float, grace: float
) -> tuple[Fit, str]:
    """Fit or not, and why it is unfit.

    `targets` are target group ARNs and the task's state in each, `running` the seconds since all its
    containers have started, `grace` the seconds of these in which failed checks do not count.
    """
    in_grace = running < grace
    if report.stopping:
        return Fit.STOPPING, ""
    if report.status is not Status.RUNNING:
        return Fit.STARTING, ""
    if report.health is Health.UNHEALTHY:
        return (Fit.STARTING, "") if in_grace else (Fit.UNFIT, "Task failed container health checks")
    waiting = report.checked and report.health is not Health.HEALTHY
    if not report.checked and not targets:
        waiting = running < SETTLE_SECONDS
    for arn, target in targets:
        if target.state is State.UNHEALTHY and not in_grace:
            why = f" due to ({target.reason})" if target.reason else ""
            return Fit.UNFIT, f"Task failed ELB health checks in (target-group {arn}){why}"
        waiting = waiting or target.state not in _SERVES
    return (Fit.STARTING if waiting else Fit.FIT), ""
