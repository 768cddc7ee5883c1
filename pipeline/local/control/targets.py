"""ELBv2: the targets' true states, as the edge sees them, and rules in the order in which they apply."""

from collections.abc import Callable
from typing import Any

from moto.elbv2.exceptions import TargetGroupNotFoundError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeRule, FakeTargetGroup

from pipeline.local.control.hooks import hooks
from pipeline.local.health import Address, State, TargetState

_LAST = 1 << 20
_WORDS = {
    "Elb.RegistrationInProgress": "Target registration is in progress",
    "Elb.InitialHealthChecking": "Initial health checks in progress",
    "Target.FailedHealthChecks": "Health checks failed",
    "Target.Timeout": "Request timed out",
    "Target.NotRegistered": "Target is not registered to the target group",
    "Target.DeregistrationInProgress": "Target deregistration is in progress",
    "Target.HealthCheckDisabled": "Health checks are not enabled for this target",
}


def _status(address: Address, state: TargetState) -> FakeHealthStatus:
    host, port = address
    return FakeHealthStatus(
        host,
        port or None,  # type: ignore[arg-type]  # a function has none
        str(port) if port else None,
        state.state.value,
        state.reason or None,
        _WORDS.get(state.reason),
    )


def _address(group: FakeTargetGroup, target: dict[str, Any]) -> Address:
    return target["Id"], int(target.get("Port") or target.get("port") or group.port or 0)


def _asked(group: FakeTargetGroup, address: Address) -> TargetState:
    known = hooks.health.get(group.arn, address)
    if address in _registered(group) or known.state is State.DRAINING:
        return known
    return TargetState(State.UNUSED, "Target.NotRegistered")


def _registered(group: FakeTargetGroup) -> list[Address]:
    return [_address(group, {"Id": host, **target}) for host, target in group.targets.items()]


def _describe_target_health(
    self: ELBv2Backend, target_group_arn: str, targets: list[dict[str, Any]]
) -> list[FakeHealthStatus]:
    group = self.target_groups.get(target_group_arn)
    if group is None:
        raise TargetGroupNotFoundError
    if targets:
        addresses = [_address(group, target) for target in targets]
    else:
        states = hooks.health.of(target_group_arn).items()
        draining = [address for address, state in states if state.state is State.DRAINING]
        addresses = list(dict.fromkeys([*_registered(group), *draining]))
    return [_status(address, _asked(group, address)) for address in addresses]


def _in_order(describe: Callable[..., Any]) -> Callable[..., Any]:
    def describe_rules(
        self: ELBv2Backend, listener_arn: str | None, rule_arns: list[str] | None
    ) -> list[FakeRule]:
        rules: list[FakeRule] = describe(self, listener_arn, rule_arns)
        return sorted(rules, key=lambda rule: _LAST if rule.priority == "default" else int(rule.priority))

    return describe_rules


def _without_certificate(modify: Callable[..., Any]) -> Callable[..., Any]:
    """A listener that goes back to HTTP has no certificate any more."""

    def modify_listener(self: ELBv2Backend, *given: object, **named: object) -> object:
        listener = modify(self, *given, **named)
        if listener.protocol == "HTTP":
            listener.certificates, listener.certificate, listener.ssl_policy = [], None, None
        return listener

    return modify_listener


def patch() -> None:
    backend: Any = ELBv2Backend
    backend.modify_listener = _without_certificate(backend.modify_listener)
    backend.describe_target_health = _describe_target_health
    backend.describe_rules = _in_order(backend.describe_rules)
