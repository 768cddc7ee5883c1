"""Which targets take requests, and which of HAProxy's server slots each of them has.

A slot is a server that can be given an address while HAProxy runs: targets come and go without a reload.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.local.alb.load_balancer_config import Front, TargetGroup
from pipeline.local.target_health import Address, TargetHealthState, TargetState

_LEAST = 8

States = Mapping[Address, TargetState]


@dataclass(frozen=True)
class Slots:
    """The server slots of one group: what each was given last, and whether it takes requests."""

    given: tuple[Address | None, ...]
    open: frozenset[int] = frozenset()

    @property
    def members(self) -> frozenset[Address]:
        return frozenset(address for at in self.open if (address := self.given[at]))

    def servers(self) -> list[tuple[int, Address | None, bool]]:
        """(slot's number, its address, whether it takes requests)."""
        return [(at + 1, address, at in self.open) for at, address in enumerate(self.given)]


def serving(group: TargetGroup, states: States) -> frozenset[Address]:
    """The healthy targets; all of them if none is, as ELBv2 fails open.

    Targets that were never found healthy or unhealthy yet do not count as failed.
    """
    known = {target: states[target].state for target in group.targets if target in states}
    healthy = {
        target
        for target, state in known.items()
        if state in {TargetHealthState.HEALTHY, TargetHealthState.UNAVAILABLE}
    }
    failed = {target for target, state in known.items() if state is TargetHealthState.UNHEALTHY}
    return frozenset(healthy or failed)


def fill(slots: Slots | None, members: Iterable[Address]) -> Slots:
    """Keep who has a slot, give the others a free one; more slots only where they do not suffice."""
    wanted = sorted(set(members))
    given = list(slots.given) if slots else []
    while len(given) < max(_LEAST, len(wanted)):
        given += [None] * (len(given) or _LEAST)
    where = {address: at for at, address in enumerate(given) if address}
    taken = {where[address] for address in wanted if address in where}
    # Fresh slots first: one that a target just left may still finish its requests.
    free = sorted(set(range(len(given))) - taken, key=lambda at: (given[at] is not None, at))
    for address in wanted:
        if address not in where:
            at = free.pop(0)
            given[at] = address
            taken.add(at)
    return Slots(tuple(given), frozenset(taken))


Members = Mapping[str, Slots]
"""Slots by the target group's ARN."""


def members(front: Front, before: Members, states: Mapping[str, States]) -> dict[str, Slots]:
    """Who serves in each group of addresses; functions have no slots."""
    return {
        group.arn: fill(before.get(group.arn), serving(group, states.get(group.arn, {})))
        for group in front.groups
        if not group.is_lambda
    }


def commands(front: Front, before: Members, after: Members) -> list[str] | None:
    """What to tell a running HAProxy so that it serves `after`; None if only a reload can."""
    names = {group.arn: group.name for group in front.groups}
    if _shape(before) != _shape(after):
        return None
    out = [line for arn in after for line in _moved(names[arn], before[arn], after[arn])]
    # Who comes, comes before the others go: no moment without a server.
    return sorted(out, key=lambda line: line.endswith("maint"))


def _shape(members: Members) -> dict[str, tuple[int, bool]]:
    """What the configuration says of servers beyond their addresses."""
    return {arn: (len(slots.given), bool(slots.open)) for arn, slots in members.items()}


def _moved(name: str, before: Slots, after: Slots) -> list[str]:
    out = []
    for (at, had, was_open), (_, has, is_open) in zip(before.servers(), after.servers(), strict=True):
        server = f"set server {name}/t{at}"
        if has and has != had:
            out.append(f"{server} addr {has[0]} port {has[1]}")
        if (is_open, has) != (was_open, had):
            out.append(f"{server} state {'ready' if is_open else 'maint'}")
    return out
