"""Read the load balancer out of moto's ELBv2 into immutable values."""

from collections.abc import Iterable, Mapping
from typing import Any

from moto.backends import get_backend

from pipeline.core.errors import TandemError
from pipeline.local.alb.load_balancer_config import (
    Action,
    ConditionField,
    FixedResponse,
    Forward,
    LoadBalancerConfig,
    Redirect,
    Rule,
    RuleCondition,
    Stickiness,
    TargetGroup,
    TargetHealthCheck,
    WeightedTargetGroup,
)

_CONFIGS = {
    ConditionField.HOST: "HostHeaderConfig",
    ConditionField.HEADER: "HttpHeaderConfig",
    ConditionField.METHOD: "HttpRequestMethodConfig",
    ConditionField.PATH: "PathPatternConfig",
    ConditionField.QUERY: "QueryStringConfig",
    ConditionField.SOURCE: "SourceIpConfig",
}


def read_config(account: str, region: str) -> LoadBalancerConfig:
    """The HTTP listener with the lowest port, and every target group.

    Raises:
        TandemError: a rule uses a condition or an action of an ALB that the local load balancer lacks.
    """
    backend = get_backend("elbv2")[account][region]
    listeners = [
        (int(listener.port), listener, balancer)
        for balancer in list(backend.load_balancers.values())
        for listener in list(balancer.listeners.values())
        if listener.protocol == "HTTP"
    ]
    if not listeners:
        return LoadBalancerConfig(groups=read_target_groups(account, region))
    _, listener, balancer = min(listeners, key=lambda entry: entry[0])
    attributes = _texts(listener.attributes), _texts(balancer.attrs)
    return LoadBalancerConfig(
        _rules(listener), read_target_groups(account, region), *attributes, balancer.arn
    )


def read_target_groups(account: str, region: str) -> tuple[TargetGroup, ...]:
    """All target groups of the account and region."""
    backend = get_backend("elbv2")[account][region]
    return tuple(_group(group) for group in list(backend.target_groups.values()))


def _texts(attributes: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in dict(attributes).items()}


def _rules(listener: Any) -> tuple[Rule, ...]:  # noqa: ANN401 - moto has no types
    # ELBv2 does not list rules in the order of their priority.
    rules = list(listener.rules.values())
    by_priority = sorted((rule for rule in rules if not rule.is_default), key=lambda rule: int(rule.priority))
    conditional_rules = [Rule(_action(rule.actions), _conditions(rule.conditions)) for rule in by_priority]
    return (*conditional_rules, Rule(_action(listener.default_actions)))


def _conditions(conditions: Iterable[Mapping[str, Any]]) -> tuple[RuleCondition, ...]:
    return tuple(_condition(condition) for condition in conditions)


def _condition(condition: Mapping[str, Any]) -> RuleCondition:
    try:
        field = ConditionField(condition["Field"])
    except ValueError as error:
        raise TandemError(f"the local load balancer has no condition {condition['Field']!r}") from error
    config = condition.get(_CONFIGS[field]) or {}
    values = config.get("Values") or condition.get("Values")
    if not values:
        raise TandemError(
            f"the local load balancer takes only plain values in a {field} condition, not {sorted(config)}"
        )
    if field is ConditionField.QUERY:
        return RuleCondition(field, pairs=tuple((pair.get("Key"), pair["Value"]) for pair in values))
    return RuleCondition(field, tuple(values), config.get("HttpHeaderName", ""))


def _action(actions: Iterable[Any]) -> Action:
    by_order = sorted((dict(action.data) for action in actions), key=lambda data: int(data.get("Order") or 0))
    if len(by_order) != 1:
        kinds = ", ".join(data["Type"] for data in by_order)
        raise TandemError(f"the local load balancer takes one action per rule, not {kinds or 'none'}")
    data = by_order[0]
    match data["Type"]:
        case "forward":
            return _forward(data)
        case "redirect":
            return _redirect(data["RedirectConfig"])
        case "fixed-response":
            config = data["FixedResponseConfig"]
            body = config.get("MessageBody") or ""
            return FixedResponse(int(config["StatusCode"]), config.get("ContentType") or "", body)
        case kind:
            raise TandemError(f"the local load balancer has no action {kind!r}")


def _forward(data: Mapping[str, Any]) -> Forward:
    config = data.get("ForwardConfig") or {}
    # A ForwardConfig may hold stickiness alone; the target group stands beside it then.
    groups = config.get("TargetGroups") or [{"TargetGroupArn": data["TargetGroupArn"]}]
    weights = [(group["TargetGroupArn"], group.get("Weight")) for group in groups]
    shares = tuple(WeightedTargetGroup(arn, 1 if weight is None else int(weight)) for arn, weight in weights)
    sticky = config.get("TargetGroupStickinessConfig") or {}
    seconds = int(sticky.get("DurationSeconds") or 0) if _true(sticky.get("Enabled")) else 0
    return Forward(shares, seconds)


def _redirect(config: Mapping[str, Any]) -> Redirect:
    names = {"Protocol": "protocol", "Host": "host", "Port": "port", "Path": "path", "Query": "query"}
    parts = {part: str(config[key]) for key, part in names.items() if config.get(key) is not None}
    return Redirect(int(config["StatusCode"].removeprefix("HTTP_")), **parts)


def _group(group: Any) -> TargetGroup:  # noqa: ANN401 - moto has no types
    attributes = _texts(group.attributes)
    is_lambda = group.target_type == "lambda"
    targets = [
        (target["Id"], 0 if is_lambda else int(target["Port"])) for target in list(group.targets.values())
    ]
    return TargetGroup(
        arn=group.arn,
        is_lambda=is_lambda,
        targets=tuple(targets),
        algorithm=attributes.get("load_balancing.algorithm.type", "round_robin"),
        stickiness=_stickiness(attributes),
        check=_check(group),
        # ELBv2 has no deregistration delay for functions.
        drain_seconds=0 if is_lambda else int(attributes.get("deregistration_delay.timeout_seconds", "300")),
        multi_value=_true(attributes.get("lambda.multi_value_headers.enabled")),
    )


def _stickiness(attributes: Mapping[str, str]) -> Stickiness | None:
    if not _true(attributes.get("stickiness.enabled")):
        return None
    kind = attributes.get("stickiness.type", "lb_cookie")
    seconds = int(attributes.get(f"stickiness.{kind}.duration_seconds", "86400"))
    return Stickiness(seconds, attributes.get("stickiness.app_cookie.cookie_name", ""))


def _check(group: Any) -> TargetHealthCheck:  # noqa: ANN401 - moto has no types
    return TargetHealthCheck(
        enabled=_true(group.health_check_enabled),
        protocol=group.health_check_protocol or "HTTP",
        port=str(group.health_check_port or "traffic-port"),
        path=group.health_check_path or "/",
        interval=int(group.health_check_interval_seconds),
        timeout=int(group.health_check_timeout_seconds),
        healthy=int(group.healthy_threshold_count),
        unhealthy=int(group.unhealthy_threshold_count),
        matcher=str((group.matcher or {}).get("HttpCode") or "200"),
    )


def _true(value: object) -> bool:
    return str(value).lower() == "true"
