"""Register tasks in the load balancer's target groups, and tell when they are out of them again."""

from collections.abc import Collection
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Any

from moto.backends import get_backend

from pipeline.local.target_health import State, TargetHealth, TargetState

_DELAY = "deregistration_delay.timeout_seconds"
_DEFAULT_DELAY = 300.0
_DRAIN_POLL = 0.1


@dataclass(frozen=True)
class Target:
    """One task's place in one target group."""

    group: str
    address: str
    port: int


class Targets:
    """The target groups of one region."""

    def __init__(self, account: str, region: str, health: TargetHealth) -> None:
        self._elb: Any = get_backend("elbv2")[account][region]
        self._health = health

    def register(self, target: Target) -> bool:
        """False if there is no such target group (any more)."""
        group = self._elb.target_groups.get(target.group)
        if group is not None:
            # An earlier task may have had the same address: what was known of it is not known of this one.
            self._health.forget(target.group, (target.address, target.port))
            group.register([{"Id": target.address, "Port": target.port}])
        return group is not None

    def deregister(self, target: Target) -> None:
        group = self._elb.target_groups.get(target.group)
        if group is not None and target.address in group.targets:
            group.deregister([{"Id": target.address, "Port": target.port}])
            group.deregistered_targets.pop(target.address, None)

    def delay(self, target: Target) -> float:
        """Seconds that the group gives a target's open requests to end."""
        group = self._elb.target_groups.get(target.group)
        return float(group.attributes.get(_DELAY, _DEFAULT_DELAY)) if group is not None else 0.0

    def state(self, target: Target) -> TargetState:
        return self._health.get(target.group, (target.address, target.port))

    def draining(self, target: Target) -> bool:
        return self.state(target).state is State.DRAINING


def drained(targets: Targets, ours: Collection[Target], given_up: Event) -> None:
    """Return once deregistered targets are done: their delay is over, or the edge saw the last of them."""
    until = monotonic() + max((targets.delay(target) for target in ours), default=0.0)
    began: set[Target] = set()
    done: set[Target] = set()
    while monotonic() < until and done < set(ours):
        for target in ours:
            if targets.draining(target):
                began.add(target)
            elif target in began:
                done.add(target)
        if given_up.wait(_DRAIN_POLL):
            return
