"""ELBv2's health state machine: a target's next state after a passed or failed check."""

from dataclasses import dataclass, replace

from pipeline.local.alb.load_balancer_config import TargetHealthCheck
from pipeline.local.target_health import UNKNOWN, TargetHealthState, TargetState

PASSED = ""
TIMEOUT = "Target.Timeout"
FAILED = "Target.FailedHealthChecks"
MISMATCH = "Target.ResponseCodeMismatch"
INTERNAL = "Elb.InternalError"


@dataclass(frozen=True)
class CheckHistory:
    """One target's state, and the number of checks in a row that contradict it."""

    state: TargetState = UNKNOWN
    contradicting: int = 0


def observe(history: CheckHistory, check: TargetHealthCheck, outcome: str) -> CheckHistory:
    """The history after one more check; `outcome` is `PASSED` or the reason code of the failure.

    A new target is healthy after one passed check, an unhealthy one after `check.healthy` in a row.
    """
    state, contradicting = history.state.state, history.contradicting + 1
    if outcome == PASSED:
        threshold = check.healthy if state is TargetHealthState.UNHEALTHY else 1
        return (
            CheckHistory(TargetState(TargetHealthState.HEALTHY))
            if contradicting >= threshold
            else replace(history, contradicting=contradicting)
        )
    threshold = 1 if state is TargetHealthState.UNHEALTHY else check.unhealthy
    return _failing(outcome) if contradicting >= threshold else replace(history, contradicting=contradicting)


def _failing(outcome: str) -> CheckHistory:
    return CheckHistory(TargetState(TargetHealthState.UNHEALTHY, outcome))


def matches(matcher: str, status: int) -> bool:
    """Whether a matcher such as `200`, `200,202` or `200-299` contains the status."""
    for part in matcher.split(","):
        low, _, high = part.strip().partition("-")
        if int(low) <= status <= int(high or low):
            return True
    return False
