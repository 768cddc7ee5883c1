"""The load balancer as immutable values: listener, rules and target groups, as ELBv2 describes them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.local.target_health import Address

_NO_NAME = re.compile(r"[^A-Za-z0-9_.:-]")


class ConditionField(StrEnum):
    """The part of a request that a rule's condition compares."""

    HOST = "host-header"
    HEADER = "http-header"
    METHOD = "http-request-method"
    PATH = "path-pattern"
    QUERY = "query-string"
    SOURCE = "source-ip"


@dataclass(frozen=True)
class RuleCondition:
    """One condition of a rule; it is met if any of its values matches."""

    field: ConditionField
    values: tuple[str, ...] = ()
    header: str = ""
    pairs: tuple[tuple[str | None, str], ...] = ()
    """Query string parameters: (key or None for any, value)."""


@dataclass(frozen=True)
class WeightedTargetGroup:
    """One target group of a forward action, by ARN, with its weight."""

    target_group: str
    weight: int


@dataclass(frozen=True)
class Forward:
    """Forward the request to one of the target groups, drawn by weight."""

    shares: tuple[WeightedTargetGroup, ...]
    sticky_seconds: int = 0
    """Seconds of target group stickiness; 0 turns it off."""


@dataclass(frozen=True)
class Redirect:
    """Answer with a redirect; placeholders such as `#{protocol}` stand for parts of the request."""

    status: int
    protocol: str = "#{protocol}"
    host: str = "#{host}"
    port: str = "#{port}"
    path: str = "/#{path}"
    query: str = "#{query}"


@dataclass(frozen=True)
class FixedResponse:
    """Answer with a fixed response."""

    status: int
    content_type: str = ""
    body: str = ""


Action = Forward | Redirect | FixedResponse


@dataclass(frozen=True)
class Rule:
    """A listener rule: its action applies if all conditions are met."""

    action: Action
    conditions: tuple[RuleCondition, ...] = ()


@dataclass(frozen=True)
class TargetHealthCheck:
    """A target group's health check; times in seconds, thresholds in checks."""

    enabled: bool = True
    protocol: str = "HTTP"
    port: str = "traffic-port"
    path: str = "/"
    interval: int = 30
    timeout: int = 5
    healthy: int = 5
    unhealthy: int = 2
    matcher: str = "200"


@dataclass(frozen=True)
class Stickiness:
    """Target stickiness."""

    seconds: int
    app_cookie: str = ""
    """Name of the application's cookie; empty for the load balancer's own cookie."""


@dataclass(frozen=True)
class TargetGroup:
    """A target group."""

    arn: str
    is_lambda: bool = False
    targets: tuple[Address, ...] = ()
    """IP address and port of each target; for a Lambda function its ARN and 0."""
    algorithm: str = "round_robin"
    stickiness: Stickiness | None = None
    check: TargetHealthCheck = TargetHealthCheck()
    drain_seconds: int = 300
    multi_value: bool = False

    @property
    def name(self) -> str:
        """The backend's name in HAProxy's configuration, which takes no other characters."""
        return _NO_NAME.sub("_", "tg_" + "_".join(self.arn.split("/")[1:]))


@dataclass(frozen=True)
class LoadBalancerConfig:
    """The one listener that HAProxy serves, and all target groups."""

    rules: tuple[Rule, ...] = ()
    """By priority, the default rule last; empty without a listener."""
    groups: tuple[TargetGroup, ...] = ()
    listener_attributes: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    """The load balancer's attributes."""
    arn: str = ""
    """The load balancer's ARN."""

    @property
    def used(self) -> frozenset[str]:
        """ARNs of the target groups that some rule forwards to."""
        forwards = (rule.action for rule in self.rules if isinstance(rule.action, Forward))
        return frozenset(share.target_group for forward in forwards for share in forward.shares)
