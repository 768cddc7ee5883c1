"""Check a task definition against botocore's model of the ECS API.

The check is here and not in `render/`, which does not import AWS's libraries.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel, StructureShape
from botocore.validate import ParamValidator

from render.fargate import Finding

_UNKNOWN = re.compile(r'Unknown parameter in (?P<where>[^:]+): "(?P<key>\w+)"')
_MISSING = re.compile(r'Missing required parameter in (?P<where>[^:]+): "(?P<key>\w+)"')
_INVALID = re.compile(r"Invalid (?:type|length|range|value) for parameter (?P<where>[\w.\[\]]+)")

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
    report = ParamValidator().validate(dict(task_definition), _request_shape()).generate_report()
    return [_parse_line(line) for line in report.splitlines() if line.strip()]


def _parse_line(line: str) -> Finding:
    for pattern in (_UNKNOWN, _MISSING, _INVALID):
        match = pattern.search(line)
        if match:
            where = match["where"]
            path = "$" if where == "input" else f"$.{where}"
            key = match.groupdict().get("key")
            return Finding(f"{path}.{key}" if key else path, _without_choices(line), _HINT)
    return Finding("$", line, _HINT)


def _without_choices(line: str) -> str:
    """The line of the report without its list of allowed values."""
    return line.split(", must be one of:", 1)[0]
