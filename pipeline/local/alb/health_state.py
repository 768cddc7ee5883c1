"""ELBv2's health checks as a state machine: what a passed or failed check makes of a target."""

from dataclasses import dataclass, replace

from pipeline.local.alb.load_balancer_config import HealthCheck
from pipeline.local.target_health import UNKNOWN, TargetHealthState, TargetState

PASSED = ""
TIMEOUT = "Target.Timeout"
FAILED = "Target.FailedHealthChecks"
MISMATCH = "Target.ResponseCodeMismatch"


@dataclass(frozen=True)
class Track:
    """One target's state, and how many checks in a row spoke against it."""

    state: TargetState = UNKNOWN
    against: int = 0


def observe(track: Track, check: HealthCheck, outcome: str) -> Track:
    """The target after one more check; `outcome` is `PASSED` or the reason why it failed.

    A new target serves after one passed check; one that failed needs as many as the threshold says.
    """
    state, against = track.state.state, track.against + 1
    if outcome == PASSED:
        needed = check.healthy if state is TargetHealthState.UNHEALTHY else 1
        return (
            Track(TargetState(TargetHealthState.HEALTHY))
            if against >= needed
            else replace(track, against=against)
        )
    needed = 1 if state is TargetHealthState.UNHEALTHY else check.unhealthy
    return _failing(outcome) if against >= needed else replace(track, against=against)


def _failing(outcome: str) -> Track:
    return Track(TargetState(TargetHealthState.UNHEALTHY, outcome))


def matches(matcher: str, status: int) -> bool:
    """Whether `200`, `200,202` or `200-299` (or a mix) names the status."""
    for part in matcher.split(","):
        low, _, high = part.strip().partition("-")
        if int(low) <= status <= int(high or low):
            return True
    return False
