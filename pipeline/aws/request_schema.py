"""Check a task definition against botocore's model of the ECS API.

The check is here and not in `render/`, which does not import AWS's libraries.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, ServiceModel, Shape, StructureShape
from botocore.validate import ParamValidator

from render.document import Document, misspelt_case
from render.fargate import Finding, check, located, request_of

_UNKNOWN = re.compile(r'Unknown parameter in (?P<where>[^:]+): "(?P<key>[^"]*)"')
_MISSING = re.compile(r'Missing required parameter in (?P<where>[^:]+): "(?P<key>\w+)"')
_INVALID = re.compile(r"Invalid (?:type|length|range|value) for parameter (?P<where>[\w.\[\]]+)")

_LONGEST, _LONGEST_TEXT, _LARGEST_NUMBER = 240, 80, 10**18
_HINT = "see RegisterTaskDefinition's reference"


@cache
def _request_shape() -> StructureShape:
    model = ServiceModel(Loader().load_service_model("ecs", "service-2"), "ecs")
    shape = model.operation_model("RegisterTaskDefinition").input_shape
    if shape is None:
        raise TypeError("botocore's model of RegisterTaskDefinition has no input")
    return shape


def validate_request(task_definition: Mapping[str, Any]) -> list[Finding]:
    """Unknown keys, missing keys and wrong types of `task_definition`, by RegisterTaskDefinition's model."""
    request = _on_one_line(dict(task_definition))
    report = ParamValidator().validate(request, _request_shape()).generate_report()
    return [_parse_line(line) for line in report.splitlines() if line.strip()]


def check_document(document: Document) -> list[Finding]:
    """Every finding about a file, sorted: Fargate's rules, the API's model, and its text.

    The model knows less than the rules, so it adds findings only at other paths. A key that it does not know
    is a warning, since the file may be of a newer API.
    """
    task_definition = document.task_definition
    misspelt = misspelt_case(task_definition)
    if misspelt:
        return misspelt
    request = request_of(task_definition)
    findings = [*check(task_definition), *document.warnings]
    paths = {finding.path for finding in findings}
    model = located(task_definition, map(_as_warning, validate_request(request)))
    return sorted({*findings, *(finding for finding in model if finding.path not in paths)})


def _as_warning(finding: Finding) -> Finding:
    match = _UNKNOWN.search(finding.rule)
    if not match:
        return finding
    where = [] if match["where"] == "input" else match["where"].split(".")
    likely = get_close_matches(match["key"], _members(where), n=1)
    hint = f"write {likely[0]}" if likely else "remove it, unless ECS has learned it since"
    return replace(finding, rule="ECS knows no such key", hint=hint, warning=True)


def _members(where: list[str]) -> list[str]:
    """The keys that the API's model has at a path, given as its steps."""
    shape: Shape = _request_shape()
    for step in where:
        inner = shape.members.get(step.split("[")[0]) if isinstance(shape, StructureShape) else None
        shape = inner.member if isinstance(inner, ListShape) else inner or shape
    return list(shape.members) if isinstance(shape, StructureShape) else []


def _on_one_line(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """`value` with texts that the report, one line for each finding, can repeat."""
    if isinstance(value, Mapping):
        return {_plain(str(key)): _on_one_line(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_on_one_line(item) for item in value]
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, int) and abs(value) > _LARGEST_NUMBER:
        return _LARGEST_NUMBER
    return value


def _plain(text: str) -> str:
    """The text's beginning without quotes and what is not printable, which would break a line or a report."""
    return "".join(
        letter if letter.isprintable() and letter != '"' else "?" for letter in text[:_LONGEST_TEXT]
    )


def _parse_line(line: str) -> Finding:
    for pattern in (_UNKNOWN, _MISSING, _INVALID):
        match = pattern.search(line)
        if match:
            where = match["where"]
            path = "$" if where == "input" else f"$.{where}"
            key = match.groupdict().get("key")
            return Finding(f"{path}.{key}" if key else path, _shortened(line), _HINT)
    return Finding("$", _shortened(line), _HINT)


def _shortened(line: str) -> str:
    """The line of the report without its list of allowed values; what is left of a long value fits a line."""
    line = line.split(", must be one of:", 1)[0]
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]} … {line[-_LONGEST // 2 :]}"
