"""Check a task definition against botocore's model of the ECS API.

The check is here and not in `render/`, which does not import AWS's libraries. It walks the model itself:
botocore's own validator ignores enumerations, and reports paths that later text has to be parsed from.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StringShape, StructureShape

from render.fargate import Finding, check, located, request_of
from render.finding import excerpt, inner_path
from render.rules.types import FLAG, LIST, NUMBER, OBJECT, TEXT, is_of, mistyped
from render.task_definition_file import ParsedTaskDefinition

_KINDS = {
    "structure": OBJECT,
    "map": OBJECT,
    "list": LIST,
    "string": TEXT,
    "integer": NUMBER,
    "long": NUMBER,
    "boolean": FLAG,
}
_SHOWN_KEYS = 3


@cache
def _request_shape() -> StructureShape:
    model = ServiceModel(Loader().load_service_model("ecs", "service-2"), "ecs")
    shape = model.operation_model("RegisterTaskDefinition").input_shape
    if shape is None:
        raise TypeError("botocore's model of RegisterTaskDefinition has no input")
    return shape


def validate_request(task_definition: Mapping[str, Any]) -> list[Finding]:
    """What the API's model refuses in a request of ours: keys, types and values."""
    return [replace(finding, warning=False) for finding in _misfits(_request_shape(), task_definition, "$")]


def check_document(document: ParsedTaskDefinition) -> list[Finding]:
    """Every finding about a file, sorted: Fargate's rules, the API's model, and its text.

    The model knows less than the rules, so it adds findings only at other paths. A key that it does not know
    is a warning, since the file may be of a newer API.
    """
    task_definition = document.task_definition
    request = request_of(task_definition)
    misspelt = [*_foreign(request), *_misspelt(_request_shape(), request, "$")]
    if any(finding.path == "$" for finding in misspelt):
        return located(task_definition, misspelt)
    model = located(task_definition, _misfits(_request_shape(), request, "$"))
    spelling = located(task_definition, misspelt)
    findings = [*check(task_definition), *document.warnings]
    paths = {finding.path for finding in findings}
    every = {*findings, *(finding for finding in model if finding.path not in paths)}
    objects = {finding.path for finding in spelling}
    return sorted({*spelling, *(finding for finding in every if not _is_below(finding.path, objects))})


def _is_below(path: str, objects: set[str]) -> bool:
    return any(path[:end] in objects for end, letter in enumerate(path) if letter in ".[")


def _foreign(request: Mapping[str, Any]) -> Iterator[Finding]:
    """A finding if the document is of another kind: it names neither family nor containers."""
    members = _request_shape().members
    unknown = [key for key in request if key not in members]
    if not {"family", "containerDefinitions"} & request.keys() and unknown and not _respelt(unknown, members):
        keys = ", ".join(excerpt(key) for key in unknown[:_SHOWN_KEYS])
        yield Finding(
            "$",
            f"is not a task definition: it has neither family nor containerDefinitions, but {keys}",
            "check what `tandem render` or `aws ecs describe-task-definition` prints",
        )


def _misspelt(shape: Shape, value: object, path: str) -> Iterator[Finding]:
    """One finding for each object whose keys all have another spelling, such as CloudFormation's."""
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        spellings = _respelt(value, shape.members)
        if spellings and not any(key in shape.members for key in value):
            yield _spelling(path, spellings)
            return
        for key in value:
            if key in shape.members:
                yield from _misspelt(shape.members[key], value[key], f"{path}.{key}")
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _misspelt(shape.member, item, f"{path}[{index}]")


def _spelling(path: str, spellings: Mapping[str, str]) -> Finding:
    capital = all(key[:1].isupper() for key in spellings)
    how = (
        "begin with capital letters, as in a CloudFormation template" if capital else "have another spelling"
    )
    names = ", ".join(f'"{name}"' for name in list(spellings.values())[:_SHOWN_KEYS])
    rest = ", and so on" if len(spellings) > _SHOWN_KEYS else ""
    begin = "begin each key with a small letter: " if capital else "write "
    return Finding(path, f"the keys {how}", f"{begin}{names}{rest}")


def _respelt(keys: Any, members: Mapping[str, Shape]) -> dict[str, str]:  # noqa: ANN401 - any collection of keys
    """The model's spelling of each key that differs from it in capital letters and separators only."""
    spellings = {_plain(member): member for member in members}
    plain = {key: _plain(key) for key in keys}
    return {key: spellings[name] for key, name in plain.items() if name in spellings and key not in members}


def _plain(name: str) -> str:
    return re.sub("[_ -]", "", name).lower()


def _misfits(shape: Shape, value: object, path: str) -> Iterator[Finding]:
    kind = _KINDS.get(shape.type_name)
    if value is None:
        yield Finding(path, "is null, which the AWS CLI refuses", "remove the key", warning=True)
    elif kind and not is_of(value, kind):
        yield mistyped(path, value, kind)
    elif isinstance(shape, StructureShape) and isinstance(value, Mapping):
        yield from _object(shape, value, path)
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        for key, item in value.items():
            yield from _misfits(shape.value, item, inner_path(path, key))
    elif isinstance(shape, ListShape) and isinstance(value, list):
        yield from _within(shape, len(value), path, "items")
        for index, item in enumerate(value):
            yield from _item(shape.member, item, f"{path}[{index}]")
    elif isinstance(value, str):
        yield from _text(shape, value, path)
    elif isinstance(value, int):
        yield from _within(shape, value, path, "")


def _item(shape: Shape, value: object, path: str) -> Iterator[Finding]:
    if value is None:
        yield mistyped(path, value, _KINDS[shape.type_name])
    else:
        yield from _misfits(shape, value, path)


def _object(shape: StructureShape, value: Mapping[str, Any], path: str) -> Iterator[Finding]:
    for key in shape.required_members:
        if value.get(key) is None:
            yield Finding(f"{path}.{key}", "is required", f"add {key}")
    for key, item in value.items():
        if key not in shape.members:
            yield _unknown(shape, key, path)
        elif item is not None or key not in shape.required_members:
            yield from _misfits(shape.members[key], item, f"{path}.{key}")


def _unknown(shape: StructureShape, key: str, path: str) -> Finding:
    """A warning, since the key may be of a newer API."""
    spellings = _respelt([key], shape.members)
    likely = list(spellings.values()) or get_close_matches(key, list(shape.members), n=1)
    hint = f"write {likely[0]}" if likely else "remove it, unless ECS has learned it since"
    return Finding(inner_path(path, key), "ECS knows no such key", hint, warning=True)


def _text(shape: Shape, value: str, path: str) -> Iterator[Finding]:
    options = shape.enum if isinstance(shape, StringShape) else []
    if options and value not in options:
        same = [name for name in options if _plain(name) == _plain(value)]
        hint = f"write {same[0]}" if same else f"use {', '.join(options)}"
        yield Finding(path, f"{excerpt(value)} is none of the API's values", hint)
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value):
        yield Finding(path, "has a character that no process can be given", "remove NUL and half characters")
    yield from _within(shape, len(value), path, "characters")


def _within(shape: Shape, size: int, path: str, unit: str) -> Iterator[Finding]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is None or size >= low) and (high is None or size <= high):
        return
    limits = " and ".join(
        f"{word} {limit}" for word, limit in (("at least", low), ("at most", high)) if limit is not None
    )
    yield Finding(
        path,
        f"has {excerpt(size)} {unit}; {limits}" if unit else f"is {excerpt(size)}; {limits}",
        "change it",
    )
