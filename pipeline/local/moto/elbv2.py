"""ELBv2: target states from the load balancer, rules ordered by priority, one listener for each port."""

from collections.abc import Callable, Iterable
from typing import Any

from moto.elbv2.exceptions import (
    DuplicateListenerError,
    ELBClientError,
    TargetGroupNotFoundError,
    ValidationError,
)
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeListener, FakeRule, FakeTargetGroup
from moto.elbv2.responses import ELBV2Response

from pipeline.local.moto.elbv2_validation import find_problem, target_problem
from pipeline.local.moto.hooks import hooks
from pipeline.local.target_health import Address, TargetHealthState, TargetState

_LAST = 1 << 20
_WORDS = {
    "Elb.RegistrationInProgress": "Target registration is in progress",
    "Elb.InitialHealthChecking": "Initial health checks in progress",
    "Elb.InternalError": "Health checks failed due to an internal error",
    "Target.ResponseCodeMismatch": "Health checks failed with another status than the matcher's",
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
        port or None,  # type: ignore[arg-type]  # a function has no port
        str(port) if port else None,
        state.state.value,
        state.reason or None,
        _WORDS.get(state.reason),
    )


def _address(group: FakeTargetGroup, target: dict[str, Any]) -> Address:
    return target["Id"], int(target.get("Port") or target.get("port") or group.port or 0)


def _state(group: FakeTargetGroup, address: Address) -> TargetState:
    state = hooks.health.get(group.arn, address)
    if address in _registered(group) or state.state is TargetHealthState.DRAINING:
        return state
    return TargetState(TargetHealthState.UNUSED, "Target.NotRegistered")


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
        draining = [address for address, state in states if state.state is TargetHealthState.DRAINING]
        addresses = list(dict.fromkeys([*_registered(group), *draining]))
    return [_status(address, _state(group, address)) for address in addresses]


def _ordering_rules(describe: Callable[..., Any]) -> Callable[..., Any]:
    def describe_rules(
        self: ELBv2Backend, listener_arn: str | None, rule_arns: list[str] | None
    ) -> list[FakeRule]:
        rules: list[FakeRule] = describe(self, listener_arn, rule_arns)
        return sorted(rules, key=lambda rule: _LAST if rule.priority == "default" else int(rule.priority))

    return describe_rules


def _refuse_taken_port(listeners: Iterable[FakeListener], port: object, except_arn: str = "") -> None:
    if any(str(each.port) == str(port) and each.arn != except_arn for each in listeners):
        raise DuplicateListenerError


def _checking_port(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_listener(
        self: ELBv2Backend, *, load_balancer_arn: str, port: str, **keywords: object
    ) -> object:
        balancer = self.load_balancers.get(load_balancer_arn)
        _refuse_taken_port(balancer.listeners.values() if balancer else (), port)
        return create(self, load_balancer_arn=load_balancer_arn, port=port, **keywords)

    return create_listener


def _modifying(modify: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a taken port, and drop the certificates of a listener that changes to HTTP."""

    def modify_listener(self: ELBv2Backend, arn: str, port: str | None, *rest: object) -> object:
        for balancer in self.load_balancers.values():
            if port and arn in balancer.listeners:
                _refuse_taken_port(balancer.listeners.values(), port, except_arn=arn)
        listener = modify(self, arn, port, *rest)
        if listener.protocol == "HTTP":
            listener.certificates, listener.certificate, listener.ssl_policy = [], None, None
        return listener

    return modify_listener


class _ProtectedError(ELBClientError):
    def __init__(self, arn: str) -> None:
        super().__init__(
            "OperationNotPermitted",
            f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        )


def _protecting(delete: Callable[..., Any]) -> Callable[..., Any]:
    def delete_load_balancer(self: ELBv2Backend, arn: str) -> None:
        balancer = self.load_balancers.get(arn)
        if balancer and balancer.attrs.get("deletion_protection.enabled") == "true":
            raise _ProtectedError(arn)
        delete(self, arn)

    return delete_load_balancer


def _validating(answer: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse parameters that AWS refuses; HAProxy's configuration is made of them."""

    def validate_and_answer(self: Any) -> Any:  # noqa: ANN401 - a moto object
        params = self._get_params()
        problem = find_problem(params)
        if group := self.elbv2_backend.target_groups.get(params.get("TargetGroupArn")):
            targets = (
                target_problem(group.target_type, str(each["Id"])) for each in params.get("Targets", ())
            )
            problem = problem or next(filter(None, targets), "")
        if problem:
            raise ValidationError(problem)
        return answer(self)

    return validate_and_answer


_VALIDATED = (
    *("create_load_balancer", "modify_load_balancer_attributes", "create_target_group"),
    *("modify_target_group", "modify_target_group_attributes", "register_targets"),
    *("create_listener", "modify_listener", "modify_listener_attributes", "create_rule", "modify_rule"),
    "set_rule_priorities",
)


def patch() -> None:
    response: Any = ELBV2Response
    for name in _VALIDATED:
        setattr(response, name, _validating(getattr(response, name)))
    backend: Any = ELBv2Backend
    backend.create_listener = _checking_port(backend.create_listener)
    backend.modify_listener = _modifying(backend.modify_listener)
    backend.delete_load_balancer = _protecting(backend.delete_load_balancer)
    backend.describe_target_health = _describe_target_health
    backend.describe_rules = _ordering_rules(backend.describe_rules)
