"""The result of a check, and a view of a JSON object that knows its path."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_NUMBER = re.compile(r"[0-9]{1,18}")
_LONGEST_SHOWN = 80
_PLACEHOLDER = re.compile(r"<[^<>]{0,80}>|\$\{?\w|\{\{|%\w{1,80}%|__\w{1,80}__")
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,80}")


@dataclass(frozen=True, order=True)
class Finding:
    """One violation: its JSON path, the violated rule, and the change that fixes it.

    A warning names something that Fargate may accept and that is likely a mistake.
    """

    path: str
    rule: str
    hint: str
    warning: bool = False

    def __str__(self) -> str:
        kind = "warning: " if self.warning else ""
        return f"{self.path}: {kind}{self.rule}; {self.hint}"


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that are no warnings."""
    return [finding for finding in findings if not finding.warning]


def excerpt(value: object) -> str:
    """`value` as a message shows it: on one line, and never longer than a line."""
    if isinstance(value, int) and abs(value) >= 10**_LONGEST_SHOWN:
        return "a number of more than 80 digits"
    text = repr(value[: 2 * _LONGEST_SHOWN] if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def placeholder(value: str) -> bool:
    """Whether a template's variable is left in `value`."""
    return bool(_PLACEHOLDER.search(value))


def inner_path(path: str, key: str) -> str:
    """The JSON path of a key that a file chose: quoted in brackets if it is no plain word."""
    return f"{path}.{key}" if _PLAIN_KEY.fullmatch(key) else f"{path}[{excerpt(key)}]"


@dataclass(frozen=True)
class Node:
    """A JSON object and its path.

    The accessors return an empty value if the type is wrong: `rules.types` reports those.
    """

    value: Mapping[str, Any]
    path: str = "$"

    def at(self, key: str) -> str:
        """The JSON path of `key`."""
        return f"{self.path}.{key}"

    def inner(self, key: str) -> str:
        """The JSON path of a key that the file chose."""
        return inner_path(self.path, key)

    def has(self, key: str) -> bool:
        """Whether `key` is set; AWS returns empty values for fields that were never set."""
        value = self.value.get(key)
        return not (value is None or value is False or value in ("", [], {}))

    def text(self, key: str) -> str:
        value = self.value.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int | None:
        value = self.value.get(key)
        if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def node(self, key: str) -> "Node":
        value = self.value.get(key)
        return Node(value if isinstance(value, Mapping) else {}, self.at(key))

    def nodes(self, key: str) -> "Iterator[Node]":
        value = self.value.get(key)
        for index, item in enumerate(value if isinstance(value, list) else []):
            if isinstance(item, Mapping):
                yield Node(item, f"{self.at(key)}[{index}]")

    def texts(self, key: str) -> list[str]:
        value = self.value.get(key)
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    def containers(self) -> "Iterator[Node]":
        return self.nodes("containerDefinitions")

    def between(self, key: str, low: int, high: int, unit: str = "") -> Iterator[Finding]:
        """A finding if `key` is a number outside `low` to `high`."""
        number = self.number(key)
        if number is not None and not low <= number <= high:
            suffix = f" {unit}" if unit else ""
            yield Finding(
                self.at(key),
                f"{excerpt(number)} is outside {low} to {high}{suffix}",
                f"set it between {low} and {high}",
            )
