"""Whether IAM policies allow a request: the part of IAM's rules that our roles use, and no by default."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class Request:
    """One thing that somebody wants to do: `action` such as `s3:GetObject`, and the ARN it concerns."""

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict)


def allowed(policies: Iterable[Mapping[str, Any]], request: Request) -> bool:
    """Whether a statement allows it and none denies it."""
    statements = [one for policy in policies for one in _list(policy.get("Statement", []))]
    effects = {one["Effect"] for one in statements if _concerns(one, request)}
    return effects == {"Allow"}


def _concerns(statement: Mapping[str, Any], request: Request) -> bool:
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
    """A key that the request does not carry fails, and so does an operator that we do not know."""
    found = context.get(key)
    if found is None:
        return False
    if operator in {"StringEquals", "Bool"}:
        return found in values
    return operator in {"StringLike", "ArnEquals", "ArnLike"} and _any(values, found)


def _any(patterns: list[str], text: str, *, fold: bool = False) -> bool:
    if fold:
        patterns, text = [pattern.lower() for pattern in patterns], text.lower()
    # IAM knows * and ?; a bracket is a bracket.
    return any(fnmatchcase(text, re.sub(r"\[", "[[]", pattern)) for pattern in patterns)


def _list(value: Any) -> list[Any]:  # noqa: ANN401
    return value if isinstance(value, list) else [value]
