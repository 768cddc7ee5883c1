"""Read the text of a task definition file: from JSON to one object, or the reason why it is none."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from render.finding import Finding, inner_path

_DEEPEST = 100
_TOO_DEEP = f"is nested too deeply: at most {_DEEPEST} levels"
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:\n]')


class DocumentError(ValueError):
    """The text holds no task definition; the message continues "FILE …"."""


@dataclass(frozen=True)
class ParsedTaskDefinition:
    """The JSON object of a file, and what is odd about its text."""

    task_definition: Mapping[str, Any]
    warnings: list[Finding]


def parse(content: bytes) -> ParsedTaskDefinition:
    """The task definition in `content`, from any origin.

    Raises:
        DocumentError: the content is no JSON object, or is known to be something else.

    """
    text = _decoded(content)
    value = _loaded(text)
    if _depth(value) > _DEEPEST:
        raise DocumentError(_TOO_DEEP)
    _refuse_others(value)
    return ParsedTaskDefinition(value, list(_repeated_keys(text)))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError("is not UTF-8 text; save it as UTF-8") from error


def _loaded(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise DocumentError(f"is not JSON: {error}") from error
    except RecursionError as error:
        raise DocumentError(_TOO_DEEP) from error
    except DocumentError:
        raise
    except ValueError as error:
        raise DocumentError("is not JSON: a number in it has more than 4,300 digits") from error


def _refuse_constant(name: str) -> None:
    raise DocumentError(f"is not JSON: {name} is no JSON number")


def _refuse_others(value: object) -> None:
    if isinstance(value, list):
        if value and all(isinstance(item, Mapping) and "image" in item for item in value):
            raise DocumentError("is a list of containers; check the whole task definition")
        raise DocumentError("is not a task definition: it holds a list, not an object")
    if not isinstance(value, Mapping):
        raise DocumentError("is not a task definition: it holds no JSON object")
    if "Resources" in value or "AWSTemplateFormatVersion" in value:
        raise DocumentError(
            "is a CloudFormation template, not a task definition; check what"
            " `aws ecs describe-task-definition` prints after its deployment"
        )
    if isinstance(value.get("taskDefinition"), str) or "serviceName" in value:
        raise DocumentError("is not a task definition; it describes a service or a task to run")


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [inner for outer in level for inner in _inner(outer)]
    return depth


def _inner(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


@dataclass
class _Level:
    """An object or a list that is being read: its path, its keys, and the position in a list."""

    path: str
    keys: set[str] | None
    index: int = 0
    key: str = ""

    def inner_path(self) -> str:
        return f"{self.path}[{self.index}]" if self.keys is None else inner_path(self.path, self.key)


def _repeated_keys(text: str) -> Iterator[Finding]:
    """A warning for each key that an object has more than once: the last one counts, silently."""
    levels: list[_Level] = []
    line, last = 1, ""
    for token in _TOKEN.finditer(text):
        kind = token[0]
        if kind in "{[":
            path = levels[-1].inner_path() if levels else "$"
            levels.append(_Level(path, set() if kind == "{" else None))
        elif kind in "}]":
            levels.pop()
        elif kind == "," and levels[-1].keys is None:
            levels[-1].index += 1
        elif kind == ":":
            yield from _key_findings(levels[-1], last, line)
        line += kind.count("\n")
        last = last if kind == "\n" else kind


def _key_findings(level: _Level, token: str, line: int) -> Iterator[Finding]:
    key = json.loads(token)
    level.key = key
    if level.keys is not None and key in level.keys:
        yield Finding(
            level.inner_path(),
            f"the key is there twice (again in line {line}), and ECS gets the last value",
            "remove one",
            warning=True,
        )
    if level.keys is not None:
        level.keys.add(key)
