"""Compare two task definitions field by field; defaults and the order of lists make no difference."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from render.fargate import request_of
from render.rules.sizes import cpu_units, mebibytes

# The field that identifies the items of each list. Their order then makes no difference.
_KEYS = {
    "containerDefinitions": "name",
    "environment": "name",
    "secrets": "name",
    "secretOptions": "name",
    "volumes": "name",
    "tags": "key",
    "ulimits": "name",
    "systemControls": "namespace",
    "dependsOn": "containerName",
    "volumesFrom": "sourceContainer",
    "mountPoints": "containerPath",
    "portMappings": "containerPort",
    "environmentFiles": "value",
    "extraHosts": "hostname",
    "resourceRequirements": "type",
}
# The values that ECS uses for omitted fields.
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "containerDefinitions": {"essential": True, "cpu": 0, "readonlyRootFilesystem": False},
    "portMappings": {"protocol": "tcp"},
    "mountPoints": {"readOnly": False},
    "volumesFrom": {"readOnly": False},
    "healthCheck": {"interval": 30, "timeout": 5, "retries": 3, "startPeriod": 0},
    "volumes": {"configuredAtLaunch": False},
    "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
}
# Text output has the first digits of a digest, which are enough for people; JSON output has all of them.
_DIGEST = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")
_SETS = {"add", "drop", "requiresCompatibilities"}


@dataclass(frozen=True, order=True)
class FieldChange:
    """One changed field: its path, and its value before and after as text; None if it is absent."""

    path: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        before, after = (value and _DIGEST.sub(r"\1", value) for value in (self.before, self.after))
        if self.before is None:
            return f"+ {self.path}: {after}"
        if self.after is None:
            return f"- {self.path}: {before}"
        return f"~ {self.path}: {before} -> {after}"


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """The fields that differ between two task definitions; each may be a request or a description."""
    return compare(normalize(before), normalize(after))


def normalize(task_definition: Mapping[str, Any]) -> dict[str, Any]:
    """The task definition without what ECS adds and without defaults; unordered lists become maps."""
    request = request_of(task_definition)
    for key, amount in (("cpu", cpu_units(request.get("cpu"))), ("memory", mebibytes(request.get("memory")))):
        if amount is not None:
            request[key] = str(amount)
    normalized: dict[str, Any] = _normalize(request, "")
    return normalized


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldChange]:
    """The leaves that differ between any two JSON objects; an empty value equals an absent one."""
    left, right = dict(_leaves(before, "")), dict(_leaves(after, ""))
    return [
        FieldChange(path, left.get(path), right.get(path))
        for path in sorted({*left, *right})
        if left.get(path) != right.get(path)
    ]


def _normalize(value: Any, key: str) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        fields = {name: _normalize(item, name) for name, item in value.items()}
        if key == "portMappings" and fields.get("hostPort") in (0, fields.get("containerPort")):
            fields.pop("hostPort", None)
        defaults = _DEFAULTS.get(key, {})
        return {
            name: item
            for name, item in fields.items()
            if not _is_empty(item) and not (name in defaults and defaults[name] == item)
        }
    if isinstance(value, list):
        identity = _KEYS.get(key)
        if identity and all(isinstance(item, Mapping) and identity in item for item in value):
            return {str(item[identity]): _normalize(item, key) for item in value}
        items = [_normalize(item, key) for item in value]
        return sorted(items, key=str) if key in _SETS else items
    return value


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {})


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping) and value:
        for name, item in value.items():
            yield from _leaves(item, _step(path, str(name)))
    elif path and value not in ({}, []):
        yield path, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _step(path: str, name: str) -> str:
    plain = name.replace("_", "").replace("-", "").isalnum()
    if not plain:
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else name
