"""Evaluate IAM policies: the part of IAM's rules that the project's roles use, with deny as the default."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class IamRequest:
    """One request for authorization: an action such as `s3:GetObject`, a resource ARN and condition keys."""

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict)


def allowed(policies: Iterable[Mapping[str, Any]], request: IamRequest) -> bool:
    """Whether a statement allows the request and none denies it."""
    statements = [each for policy in policies for each in _list(policy.get("Statement", []))]
    effects = {each["Effect"] for each in statements if _applies(each, request)}
    return effects == {"Allow"}


def _applies(statement: Mapping[str, Any], request: IamRequest) -> bool:
    return (
        _any(_list(statement.get("Action", [])), request.action, fold=True)
        and _any(_list(statement.get("Resource", [])), request.resource)
        and all(
            _holds(operator, key, _list(values), request.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _holds(operator: str, key: str, values: list[str], context: Mapping[str, str]) -> bool:
    """Whether a condition holds; a key that the request lacks or an unknown operator makes it fail."""
    value = context.get(key)
    if value is None:
        return False
    if operator in {"StringEquals", "Bool"}:
        return value in values
    return operator in {"StringLike", "ArnEquals", "ArnLike"} and _any(values, value)


def _any(patterns: list[str], text: str, *, fold: bool = False) -> bool:
    if fold:
        patterns, text = [pattern.lower() for pattern in patterns], text.lower()
    # IAM's wildcards are * and ?; a bracket is literal.
    return any(fnmatchcase(text, re.sub(r"\[", "[[]", pattern)) for pattern in patterns)


def _list(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else [value]
