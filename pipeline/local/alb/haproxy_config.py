"""Build HAProxy's configuration from the load balancer's: a pure function."""

import hashlib

from pipeline.local.alb import error_pages, haproxy_headers, haproxy_rules
from pipeline.local.alb.access_log import LOG_FORMAT
from pipeline.local.alb.error_pages import error, refusal
from pipeline.local.alb.haproxy_cli import FRONTEND
from pipeline.local.alb.haproxy_quoting import call, plain, server_address, whole_number, word
from pipeline.local.alb.haproxy_rules import COOKIE, cookie_value
from pipeline.local.alb.load_balancer_config import LoadBalancerConfig, Stickiness, TargetGroup
from pipeline.local.alb.server_slots import GroupSlots, ServerSlots
from pipeline.local.target_health import Address

PORT = 8080
"""The port on which HAProxy listens in its container."""
SHARED = "/run/tandem"
"""Mount point of the shared folder in HAProxy's container."""
OWN_HEADER = "x-tandem-own"
"""Header of the function gateway's own answers, which are the load balancer's and not a target's."""
GROUP_HEADER = "x-tandem-target-group"
"""Header that names the request's target group to the function gateway."""
_CONNECT = 10
_BUFFER = 80 * 1024
_ALGORITHMS = {"least_outstanding_requests": "leastconn", "weighted_random": "random"}


def text(config: LoadBalancerConfig, slots: GroupSlots, port: int) -> str:
    """The whole configuration; `port` is the one that clients use."""
    sections = [_global(), _defaults(config), _frontend(config, slots, port)]
    sections += [_backend(group, slots.get(group.arn)) for group in _forwarded(config)]
    return (
        "\n\n".join(f"{head}\n" + "\n".join(f"    {line}" for line in lines) for head, lines in sections)
        + "\n"
    )


Section = tuple[str, list[str]]


def _forwarded(config: LoadBalancerConfig) -> list[TargetGroup]:
    return [group for group in config.groups if group.arn in config.used]


def _global() -> Section:
    return "global", [
        f"log {SHARED}/log.sock len 2048 format raw local0 info",
        f"stats socket {SHARED}/admin.sock mode 600 level admin expose-fd listeners",
        "hard-stop-after 15m",
        "maxconn 4000",
        # All of a request's headers must fit; an ALB takes 64 K.
        f"tune.bufsize {_BUFFER}",
        "tune.maxrewrite 4096",
    ]


def _defaults(config: LoadBalancerConfig) -> Section:
    idle = whole_number(config.attributes.get("idle_timeout.timeout_seconds", "60"))
    return "defaults", [
        "mode http",
        "log global",
        f"log-format '{LOG_FORMAT}'",
        "option dontlognull",
        # On a reload, an idle client keeps its connection: it may be sending a request.
        "option idle-close-on-response",
        "retries 0",
        f"timeout connect {_CONNECT}s",
        *(
            f"timeout {kind} {idle}s"
            for kind in ("client", "server", "http-request", "http-keep-alive", "tunnel")
        ),
        *error_pages.errors(),
    ]


def _frontend(config: LoadBalancerConfig, slots: GroupSlots, port: int) -> Section:
    bind = [f"bind :{PORT}", "http-request set-var(txn.began) date(0,ms)"]
    if not config.rules:
        return f"frontend {FRONTEND}", [*bind, refusal(503, "TRUE"), *haproxy_headers.response({})]
    forwarded = _forwarded(config)
    groups = {group.arn: group for group in forwarded}
    return f"frontend {FRONTEND}", [
        *bind,
        *haproxy_headers.limits(),
        *haproxy_rules.lines(config.rules, groups, port),
        *haproxy_headers.request(config.attributes, port),
        *_no_servers(forwarded, slots),
        *haproxy_headers.response(config.listener_attributes),
        *_failed_connection(),
        *_sticky(forwarded),
        "use_backend %[var(txn.group)] if { var(txn.group) -m found }",
    ]


def _no_servers(groups: list[TargetGroup], slots: GroupSlots) -> list[str]:
    # Not by `nbsrv`: it is 0 in an old worker that finishes its connections.
    empty = [group for group in groups if not (group.targets if group.is_lambda else _servers(group, slots))]
    return [refusal(503, f"{{ var(txn.group) -m str {group.name} }}") for group in empty]


def _servers(group: TargetGroup, slots: GroupSlots) -> frozenset[Address]:
    return slots[group.arn].servers if group.arn in slots else frozenset()


def _failed_connection() -> list[str]:
    """Without a connection to a target HAProxy answers 503, an ALB 502, or 504 after its timeout."""
    no_target = "!{ var(txn.answered) -m found } { var(txn.sent) -m found }"
    timed_out = f"{{ date(0,ms),sub(txn.began) ge {_CONNECT * 1000 - 500} }}"
    return [
        f"http-after-response set-status 504 if {{ status 503 }} {no_target} {timed_out}",
        f"http-after-response set-status 502 if {{ status 503 }} {no_target}",
    ]


def _sticky(groups: list[TargetGroup]) -> list[str]:
    return [
        f"http-after-response add-header Set-Cookie '{COOKIE}={cookie_value(group.name)}; "
        "Max-Age=%[var(txn.sticky)]; Path=/' "
        f"if {{ var(txn.sticky) -m found }} {{ var(txn.group) -m str {group.name} }}"
        for group in groups
    ]


def _backend(group: TargetGroup, slots: ServerSlots | None) -> Section:
    lines = [
        "http-request set-var(txn.sent) bool(true)",
        error(502, instead_of=503),
        f"balance {_ALGORITHMS.get(group.algorithm, 'roundrobin')}",
    ]
    if group.is_lambda:
        return f"backend {group.name}", lines + _function(group)
    lines += _stickiness(group, group.stickiness) if group.stickiness else []
    return f"backend {group.name}", lines + [_server(*server) for server in (slots.rows() if slots else [])]


def _function(group: TargetGroup) -> list[str]:
    server = [f"server gateway unix@{SHARED}/functions.sock"] if group.targets else []
    return [
        refusal(400, "{ req.hdr(upgrade) -m found }"),
        f"http-request set-header {GROUP_HEADER} {word(plain(group.arn))}",
        f"http-response set-var(txn.target) bool(false) if {{ res.hdr({OWN_HEADER}) -m found }}",
        f"http-response del-header {OWN_HEADER}",
        *server,
    ]


def _server(at: int, address: tuple[str, int] | None, is_open: bool) -> str:  # noqa: FBT001 - a slot's columns
    host, port = address or ("127.0.0.1", 1)
    return f"server t{at} {server_address(host)}:{whole_number(port)}{'' if is_open else ' disabled'}"


def _stickiness(group: TargetGroup, sticky: Stickiness) -> list[str]:
    if sticky.app_cookie:
        return [
            f"stick-table type string len 128 size 10k expire {sticky.seconds}s",
            f"stick match {call('req.cook', sticky.app_cookie)}",
            f"stick store-response {call('res.cook', sticky.app_cookie)}",
        ]
    key = hashlib.sha256(group.arn.encode()).hexdigest()[:32]
    return [f"dynamic-cookie-key {key}", f"cookie AWSALB insert nocache dynamic maxlife {sticky.seconds}s"]
