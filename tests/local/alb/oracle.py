"""A second implementation of rule matching, without regular expressions, to compare HAProxy with."""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from pipeline.local.alb.load_balancer_config import ConditionField, Rule, RuleCondition


@dataclass(frozen=True)
class Asked:
    """The parts of a request that a rule compares."""

    method: str
    path: str
    query: str
    host: str
    headers: tuple[tuple[str, str], ...]
    source: str


def glob(pattern: str, text: str) -> bool:
    """`*` is any characters, `?` is one."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(glob(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and glob(pattern[1:], text[1:])


def parameters(query: str) -> list[tuple[str, str]]:
    parts = [part.partition("=") for part in query.lower().split("&")] if query else []
    return [(key, value) for key, _, value in parts]


def named(key: str | None, name: str) -> bool:
    return key is None or glob(key.lower(), name)


def met(condition: RuleCondition, asked: Asked) -> bool:
    match condition.field:
        case ConditionField.PATH:
            return any(glob(value, asked.path) for value in condition.values)
        case ConditionField.METHOD:
            return asked.method in condition.values
        case ConditionField.HOST:
            return any(glob(value.lower(), asked.host.lower()) for value in condition.values)
        case ConditionField.HEADER:
            sent = [value for name, value in asked.headers if name.lower() == condition.header.lower()]
            return any(glob(value.lower(), text.lower()) for value in condition.values for text in sent)
        case ConditionField.SOURCE:
            return any(ip_address(asked.source) in ip_network(value) for value in condition.values)
        case ConditionField.QUERY:
            return any(
                named(key, name) and glob(value.lower(), text)
                for key, value in condition.pairs
                for name, text in parameters(asked.query)
            )


def first(rules: tuple[Rule, ...], asked: Asked) -> int:
    """The number of the first rule whose conditions are all met."""
    return next(
        at for at, rule in enumerate(rules) if all(met(condition, asked) for condition in rule.conditions)
    )
