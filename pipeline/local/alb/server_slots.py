"""Choose the targets that take requests, and assign each of them to one of HAProxy's server slots.

A slot is a server whose address can change while HAProxy runs: targets come and go without a reload.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.local.alb.haproxy_quoting import server_address, whole_number
from pipeline.local.alb.load_balancer_config import LoadBalancerConfig, TargetGroup
from pipeline.local.target_health import Address, TargetHealthState, TargetState

_LEAST_SLOTS = 8

States = Mapping[Address, TargetState]


@dataclass(frozen=True)
class ServerSlots:
    """The server slots of one target group: each slot's newest address, and the slots that take requests."""

    addresses: tuple[Address | None, ...]
    open_slots: frozenset[int] = frozenset()

    @property
    def servers(self) -> frozenset[Address]:
        """The addresses that take requests."""
        return frozenset(address for at in self.open_slots if (address := self.addresses[at]))

    def closed_slot(self, address: Address) -> int | None:
        """The number (from 1) of the slot that `address` had; None if it has none, or takes requests."""
        return next((at for at, own, is_open in self.rows() if own == address and not is_open), None)

    def rows(self) -> list[tuple[int, Address | None, bool]]:
        """(slot number from 1, its address, whether it takes requests) of each slot."""
        return [(at + 1, address, at in self.open_slots) for at, address in enumerate(self.addresses)]


def serving_targets(group: TargetGroup, states: States) -> frozenset[Address]:
    """The healthy targets; the unhealthy ones if no target is healthy, since ELBv2 fails open.

    A target without a first result counts as neither.
    """
    target_states = {target: states[target].state for target in group.targets if target in states}
    healthy = {
        target
        for target, state in target_states.items()
        if state in {TargetHealthState.HEALTHY, TargetHealthState.UNAVAILABLE}
    }
    failed = {target for target, state in target_states.items() if state is TargetHealthState.UNHEALTHY}
    return frozenset(healthy or failed)


def fill_slots(slots: ServerSlots | None, servers: Iterable[Address]) -> ServerSlots:
    """Assign each server a slot: the one it has, else a free one; slots are added only if none is free."""
    serving = sorted(set(servers))
    addresses = list(slots.addresses) if slots else []
    while len(addresses) < max(_LEAST_SLOTS, len(serving)):
        addresses += [None] * (len(addresses) or _LEAST_SLOTS)
    slot_of = {address: at for at, address in enumerate(addresses) if address}
    open_slots = {slot_of[address] for address in serving if address in slot_of}
    # Never used slots first: a target that just left a slot may still finish requests there.
    free = sorted(set(range(len(addresses))) - open_slots, key=lambda at: (addresses[at] is not None, at))
    for address in serving:
        if address not in slot_of:
            at = free.pop(0)
            addresses[at] = address
            open_slots.add(at)
    return ServerSlots(tuple(addresses), frozenset(open_slots))


GroupSlots = Mapping[str, ServerSlots]
"""Server slots by target group ARN."""


def assign_slots(
    config: LoadBalancerConfig, before: GroupSlots, states: Mapping[str, States]
) -> dict[str, ServerSlots]:
    """The slots of each target group, after `before`; a group with a Lambda function has none."""
    return {
        group.arn: fill_slots(before.get(group.arn), serving_targets(group, states.get(group.arn, {})))
        for group in config.groups
        if not group.is_lambda
    }


def slot_commands(config: LoadBalancerConfig, before: GroupSlots, after: GroupSlots) -> list[str] | None:
    """HAProxy's commands that lead from `before` to `after`; None if that takes a reload."""
    names = {group.arn: group.name for group in config.groups}
    if _shape(before) != _shape(after):
        return None
    out = [line for arn in after for line in _slot_changes(names[arn], before[arn], after[arn])]
    # Add servers before removing others, so that there is no moment without a server.
    return sorted(out, key=lambda line: line.endswith("maint"))


def _shape(slots_by_group: GroupSlots) -> dict[str, tuple[int, bool]]:
    """The number of slots, and whether one is open: what no command can change in the configuration."""
    return {arn: (len(slots.addresses), bool(slots.open_slots)) for arn, slots in slots_by_group.items()}


def _slot_changes(name: str, before: ServerSlots, after: ServerSlots) -> list[str]:
    out = []
    for (at, old, was_open), (_, new, is_open) in zip(before.rows(), after.rows(), strict=True):
        server = f"set server {name}/t{at}"
        if new and new != old:
            out.append(f"{server} addr {server_address(new[0]).strip('[]')} port {whole_number(new[1])}")
        if (is_open, new) != (was_open, old):
            out.append(f"{server} state {'ready' if is_open else 'maint'}")
    return out


def drained_targets(
    config: LoadBalancerConfig,
    slots: GroupSlots,
    draining: Iterable[tuple[str, Address]],
    requests: Mapping[tuple[str, str], int],
) -> set[tuple[str, Address]]:
    """Those of the `draining` targets, by target group ARN and address, that have no request any more.

    `slots` are those that HAProxy has now, `requests` the numbers of requests by target group name and slot.
    If another target has taken over its slot, nothing is known of a target.
    """
    names = {group.arn: group.name for group in config.groups}
    return {
        (arn, address)
        for arn, address in draining
        if arn in names.keys() & slots
        and (slot := slots[arn].closed_slot(address)) is not None
        and not requests.get((names[arn], f"t{slot}"), 0)
    }
