"""What the edge knows of each target's health, for everyone in the stack's process."""

from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

Address = tuple[str, int]  # IP address and port; a function's ARN and 0


class State(StrEnum):
    """A target's state, in ELBv2's words."""

    INITIAL = "initial"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    DRAINING = "draining"
    UNUSED = "unused"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class TargetState:
    """One target's state, and ELBv2's reason code for it (empty when healthy)."""

    state: State
    reason: str = ""


UNKNOWN = TargetState(State.INITIAL, "Elb.RegistrationInProgress")


class TargetHealth:
    """The states of all targets; written by the edge, read from any thread."""

    def __init__(self) -> None:
        self._states: dict[tuple[str, Address], TargetState] = {}
        self._lock = Lock()

    def set(self, target_group_arn: str, target: Address, state: State | str, reason: str = "") -> None:
        with self._lock:
            self._states[target_group_arn, target] = TargetState(State(state), reason)

    def get(self, target_group_arn: str, target: Address) -> TargetState:
        """The target's state; `initial` as long as nothing was heard of it."""
        with self._lock:
            return self._states.get((target_group_arn, target), UNKNOWN)

    def of(self, target_group_arn: str) -> dict[Address, TargetState]:
        """All known targets of one group, the draining ones included."""
        with self._lock:
            return {target: state for (arn, target), state in self._states.items() if arn == target_group_arn}

    def forget(self, target_group_arn: str, target: Address) -> None:
        with self._lock:
            self._states.pop((target_group_arn, target), None)
