"""Listener rules as HAProxy directives: choose the first rule that matches, then perform its action."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from pipeline.local.alb.error_pages import page
from pipeline.local.alb.haproxy_quoting import call, plain, word
from pipeline.local.alb.load_balancer_config import (
    Action,
    ConditionField,
    FixedResponse,
    Forward,
    Redirect,
    Rule,
    RuleCondition,
    TargetGroup,
)
from pipeline.local.alb.wildcards import full_value, host, parameter

COOKIE = "AWSALBTG"
"""The cookie of target group stickiness."""

_Groups = Mapping[str, TargetGroup]
_PLACEHOLDERS = {
    "#{protocol}": "%[var(txn.protocol)]",
    "#{host}": "%[var(txn.host)]",
    "#{port}": "%[var(txn.port)]",
    "#{path}": "%[var(txn.path)]",
    "#{query}": "%[var(txn.query)]",
}


def lines(rules: Iterable[Rule], groups: _Groups, port: int) -> list[str]:
    """The frontend's directives: first choose the rule by priority, then perform its action.

    `port` is the port that clients use.
    """
    named_rules = [(f"r{number}", rule) for number, rule in enumerate(rules)]
    out = [line for name, rule in named_rules for line in _choice(name, rule)]
    out += _request_parts(port)
    return out + [line for name, rule in named_rules for line in _perform(rule.action, name, groups)]


def _choice(name: str, rule: Rule) -> list[str]:
    acls = [f"acl {name}c{at} {_acl(condition)}" for at, condition in enumerate(rule.conditions)]
    names = "".join(f" {name}c{at}" for at in range(len(acls)))
    return [*acls, f"http-request set-var(txn.rule) str({name}) if !{{ var(txn.rule) -m found }}{names}"]


def _acl(condition: RuleCondition) -> str:
    return _ACLS[condition.field](condition)


def _expressions(condition: RuleCondition, expression: Callable[[str], str]) -> str:
    return " ".join(word(expression(value)) for value in condition.values)


def _header(condition: RuleCondition) -> str:
    return f"{call('req.fhdr', condition.header)} -m reg -i -- {_expressions(condition, full_value)}"


# Paths and methods are case-sensitive, all else is not; HAProxy ORs the patterns of one ACL.
_ACLS: dict[ConditionField, Callable[[RuleCondition], str]] = {
    ConditionField.PATH: lambda it: f"path -m reg -- {_expressions(it, full_value)}",
    ConditionField.METHOD: lambda it: f"method -m str -- {_expressions(it, str)}",
    ConditionField.HOST: lambda it: f"req.hdr(host) -m reg -i -- {_expressions(it, host)}",
    ConditionField.HEADER: _header,
    ConditionField.SOURCE: lambda it: f"src -m ip -- {_expressions(it, str)}",
    ConditionField.QUERY: lambda it: f"query -m reg -i -- {_expressions(_parameters(it), str)}",
}


def _parameters(condition: RuleCondition) -> RuleCondition:
    return replace(condition, values=tuple(parameter(key, value) for key, value in condition.pairs))


def _request_parts(port: int) -> list[str]:
    """Set the variables behind a redirect's placeholders."""
    return [
        "http-request set-var(txn.protocol) str(http)",
        "http-request set-var(txn.host) req.hdr(host),host_only",
        f"http-request set-var(txn.port) int({port})",
        "http-request set-var(txn.path) path,regsub(^/,)",
        "http-request set-var(txn.query) query",
    ]


def _perform(action: Action, name: str, groups: _Groups) -> list[str]:
    condition = f"{{ var(txn.rule) -m str {name} }}"
    match action:
        case Forward():
            return _forward(action, condition, groups)
        case Redirect():
            return _redirect(action, condition)
        case FixedResponse():
            return [_fixed(action, condition)]


def _fixed(fixed: FixedResponse, condition: str) -> str:
    content = f" content-type {word(fixed.content_type or 'text/plain')} string {word(fixed.body)}"
    return f"http-request return status {fixed.status}{content if fixed.body else ''} if {condition}"


def _redirect(redirect: Redirect, condition: str) -> list[str]:
    path = redirect.path if redirect.path.startswith("/") else f"/{redirect.path}"
    location = f"{redirect.protocol.lower()}://{redirect.host}:{redirect.port}{path}"
    # No question mark without a query.
    query = word(_template(redirect.query) or "%[str()]")
    has_query = "!{ var(txn.search) -m len 0 }"
    target = word(_template(location) + "%[var(txn.search)]")
    return [
        f"http-request set-var-fmt(txn.search) {query} if {condition}",
        f"http-request set-var-fmt(txn.search) '?%[var(txn.search)]' if {condition} {has_query}",
        f"http-request redirect code {redirect.status} location {target} if {condition}",
    ]


def _template(text: str) -> str:
    """Log-format text with each placeholder replaced by its expression."""
    out = plain(text)
    for placeholder, expression in _PLACEHOLDERS.items():
        out = out.replace(placeholder, expression)
    return out


def _forward(forward: Forward, condition: str, groups: _Groups) -> list[str]:
    shares = [share for share in forward.shares if share.weight > 0 and share.target_group in groups]
    total = sum(share.weight for share in shares)
    if not total:
        return [_no_target_group(condition)]
    names = [groups[share.target_group].name for share in shares]
    out = _sticky(forward, names, condition)
    out.append(f"http-request set-var(txn.draw) rand({total}) if {condition}")
    upto = 0
    for share, name in zip(shares, names, strict=True):
        upto += share.weight
        draw_condition = f"!{{ var(txn.group) -m found }} {{ var(txn.draw) -m int lt {upto} }}"
        out.append(f"http-request set-var(txn.group) str({name}) if {condition} {draw_condition}")
    return out


def _no_target_group(condition: str) -> str:
    return f"http-request return status 503 content-type text/html string {word(page(503))} if {condition}"


def cookie_value(name: str) -> str:
    """The stickiness cookie's value for a target group: a hash of its name."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def _sticky(forward: Forward, names: Iterable[str], condition: str) -> list[str]:
    if not forward.sticky_seconds:
        return []
    out = [f"http-request set-var(txn.sticky) int({forward.sticky_seconds}) if {condition}"]
    for name in names:
        has_cookie = f"{{ req.cook({COOKIE}) -m str {cookie_value(name)} }}"
        out.append(f"http-request set-var(txn.group) str({name}) if {condition} {has_cookie}")
    return out
