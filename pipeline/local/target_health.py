"""The health of all targets: the load balancer writes it, ECS and DescribeTargetHealth read it."""

from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

Address = tuple[str, int]  # IP address and port; a function's ARN and 0


class TargetHealthState(StrEnum):
    """A target's state, as in DescribeTargetHealth."""

    INITIAL = "initial"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    DRAINING = "draining"
    UNUSED = "unused"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class TargetState:
    """One target's state and ELBv2's reason code, which is empty for a healthy target."""

    state: TargetHealthState
    reason: str = ""


UNKNOWN = TargetState(TargetHealthState.INITIAL, "Elb.RegistrationInProgress")


class TargetHealth:
    """The states of all targets; safe to use from any thread."""

    def __init__(self) -> None:
        self._states: dict[tuple[str, Address], TargetState] = {}
        self._lock = Lock()

    def set(
        self, target_group_arn: str, target: Address, state: TargetHealthState | str, reason: str = ""
    ) -> None:
        """Set one target's state and ELBv2's reason code."""
        with self._lock:
            self._states[target_group_arn, target] = TargetState(TargetHealthState(state), reason)

    def get(self, target_group_arn: str, target: Address) -> TargetState:
        """The target's state; `initial` while none was set."""
        with self._lock:
            return self._states.get((target_group_arn, target), UNKNOWN)

    def of(self, target_group_arn: str) -> dict[Address, TargetState]:
        """All targets of one target group with a state, the draining ones too."""
        with self._lock:
            return {target: state for (arn, target), state in self._states.items() if arn == target_group_arn}

    def forget(self, target_group_arn: str, target: Address) -> None:
        """Remove the target's state."""
        with self._lock:
            self._states.pop((target_group_arn, target), None)
