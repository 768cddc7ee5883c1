"""The load balancer as values: what ELBv2 knows, in the shape that the edge needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.local.target_health import Address


class Field(StrEnum):
    """What a rule's condition looks at."""

    HOST = "host-header"
    HEADER = "http-header"
    METHOD = "http-request-method"
    PATH = "path-pattern"
    QUERY = "query-string"
    SOURCE = "source-ip"


@dataclass(frozen=True)
class Condition:
    """One condition: met when any of its values matches."""

    field: Field
    values: tuple[str, ...] = ()
    header: str = ""
    pairs: tuple[tuple[str | None, str], ...] = ()
    """Query string parameters: (key or None for any, value)."""


@dataclass(frozen=True)
class Share:
    """One target group's part of a forward action's traffic."""

    target_group: str
    weight: int


@dataclass(frozen=True)
class Forward:
    """Send the request to one of the target groups, drawn by weight."""

    shares: tuple[Share, ...]
    sticky_seconds: int = 0
    """How long a client stays with the group it drew; 0: not at all."""


@dataclass(frozen=True)
class Redirect:
    """Answer with a redirect; `#{protocol}` and its like stand for the request's own parts."""

    status: int
    protocol: str = "#{protocol}"
    host: str = "#{host}"
    port: str = "#{port}"
    path: str = "/#{path}"
    query: str = "#{query}"


@dataclass(frozen=True)
class FixedResponse:
    """Answer with these words."""

    status: int
    content_type: str = ""
    body: str = ""


Action = Forward | Redirect | FixedResponse


@dataclass(frozen=True)
class Rule:
    """All conditions met: do this."""

    action: Action
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class HealthCheck:
    """How a target group finds out whether a target serves."""

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
    """A client stays with its target for so many seconds."""

    seconds: int
    app_cookie: str = ""
    """The application's own cookie; empty: the load balancer's."""


@dataclass(frozen=True)
class TargetGroup:
    """Targets that serve the same, and how they are chosen."""

    arn: str
    is_lambda: bool = False
    targets: tuple[Address, ...] = ()
    """Addresses; of a Lambda group the function's ARN and 0."""
    algorithm: str = "round_robin"
    stickiness: Stickiness | None = None
    check: HealthCheck = HealthCheck()
    drain_seconds: int = 300
    multi_value: bool = False

    @property
    def name(self) -> str:
        """Its name in HAProxy's configuration."""
        return "tg_" + "_".join(self.arn.split("/")[1:])


@dataclass(frozen=True)
class Front:
    """The one listener that this machine publishes, with all that it may forward to."""

    rules: tuple[Rule, ...] = ()
    """By priority, the default last; none: there is no listener."""
    groups: tuple[TargetGroup, ...] = ()
    listener: Mapping[str, str] = field(default_factory=dict)
    """The listener's attributes."""
    balancer: Mapping[str, str] = field(default_factory=dict)
    """The load balancer's attributes."""
    arn: str = ""
    """The load balancer's."""

    @property
    def used(self) -> frozenset[str]:
        """ARNs of the target groups that some rule forwards to."""
        forwards = (rule.action for rule in self.rules if isinstance(rule.action, Forward))
        return frozenset(share.target_group for forward in forwards for share in forward.shares)
