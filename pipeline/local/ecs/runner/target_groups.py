"""Register tasks as targets in ELBv2's target groups, deregister them, and wait until they have drained."""

from collections.abc import Collection
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Any

from moto.backends import get_backend

from pipeline.local.target_health import UNKNOWN, TargetHealth, TargetState

_DELAY = "deregistration_delay.timeout_seconds"
_DEFAULT_DELAY = 300.0
_DRAIN_POLL = 0.1


@dataclass(frozen=True)
class TaskTarget:
    """One task's registration in one target group, which `group` names by ARN."""

    group: str
    address: str
    port: int


class TargetGroups:
    """The target groups of one account and region."""

    def __init__(self, account: str, region: str, health: TargetHealth) -> None:
        self._elb: Any = get_backend("elbv2")[account][region]
        self._health = health

    def register(self, target: TaskTarget) -> bool:
        """Register the target; False if the target group does not exist."""
        group = self._elb.target_groups.get(target.group)
        if group is not None:
            # An earlier task may have had the same address: its health must not count for this one.
            self._health.forget(target.group, (target.address, target.port))
            group.register([{"Id": target.address, "Port": target.port}])
        return group is not None

    def deregister(self, target: TaskTarget) -> None:
        """Deregister the target; nothing happens if it is not registered."""
        group = self._elb.target_groups.get(target.group)
        if group is not None and target.address in group.targets:
            group.deregister([{"Id": target.address, "Port": target.port}])
            group.deregistered_targets.pop(target.address, None)

    def delay(self, target: TaskTarget) -> float:
        """The group's deregistration delay in seconds; 0 if the target group does not exist."""
        group = self._elb.target_groups.get(target.group)
        return float(group.attributes.get(_DELAY, _DEFAULT_DELAY)) if group is not None else 0.0

    def state(self, target: TaskTarget) -> TargetState:
        return self._health.get(target.group, (target.address, target.port))

    def has_left(self, target: TaskTarget) -> bool:
        """Whether the load balancer has no request for a deregistered target: it has forgotten its state."""
        return self.state(target) == UNKNOWN


def wait_until_drained(groups: TargetGroups, targets: Collection[TaskTarget], cancelled: Event) -> None:
    """Wait until the load balancer has drained each target, or the deregistration delay is over."""
    until = monotonic() + max((groups.delay(target) for target in targets), default=0.0)
    while monotonic() < until and not all(map(groups.has_left, targets)):
        if cancelled.wait(_DRAIN_POLL):
            return
