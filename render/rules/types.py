"""Rules for JSON types: values have the types that the API expects, so the other rules can rely on them."""

import re
from collections.abc import Iterator, Mapping

from render.finding import Finding, Node, excerpt

OBJECT, LIST, TEXT, NUMBER, FLAG = "an object", "a list", "a string", "a whole number", "true or false"

_DIGITS, _LARGEST = re.compile("-?[0-9]{1,15}"), 10**15

_TASK = {
    **dict.fromkeys(("family", "cpu", "memory", "networkMode", "executionRoleArn", "taskRoleArn"), TEXT),
    **dict.fromkeys(("containerDefinitions", "volumes", "requiresCompatibilities", "tags"), LIST),
    **dict.fromkeys(("ephemeralStorage", "runtimePlatform"), OBJECT),
}
_CONTAINER = {
    **dict.fromkeys(("name", "image", "user", "workingDirectory"), TEXT),
    **dict.fromkeys(("cpu", "memory", "memoryReservation", "startTimeout", "stopTimeout"), NUMBER),
    **dict.fromkeys(("essential", "readonlyRootFilesystem", "privileged", "interactive"), FLAG),
    **dict.fromkeys(("dependsOn", "mountPoints", "volumesFrom", "portMappings"), LIST),
    **dict.fromkeys(("environment", "environmentFiles", "secrets", "command", "entryPoint"), LIST),
    **dict.fromkeys(("healthCheck", "logConfiguration", "linuxParameters", "restartPolicy"), OBJECT),
}
_ITEMS = {
    "environment": dict.fromkeys(("name", "value"), TEXT),
    "secrets": dict.fromkeys(("name", "valueFrom"), TEXT),
    "portMappings": dict.fromkeys(("containerPort", "hostPort"), NUMBER),
}
_LISTS_OF_OBJECTS = ("dependsOn", "mountPoints", "volumesFrom", "portMappings", "environment", "secrets")


def is_of(value: object, kind: str) -> bool:
    """Whether `value` has the JSON type that `kind` names."""
    match kind:
        case "an object":
            return isinstance(value, Mapping)
        case "a list":
            return isinstance(value, list)
        case "a string":
            return isinstance(value, str)
        case "a whole number":
            return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, bool)


def mistyped(path: str, value: object, kind: str) -> Finding:
    """The finding about a value of another JSON type; the hint has the value as it should be written."""
    return Finding(path, f"must be {kind}, not {excerpt(value)}", _hint(value, kind))


def _hint(value: object, kind: str) -> str:
    if kind == NUMBER and isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST:
        return f"write {int(value)}"
    if isinstance(value, str) and (
        (kind == NUMBER and _DIGITS.fullmatch(value)) or (kind == FLAG and value in {"true", "false"})
    ):
        return f"write {value} without quotes"
    if kind == TEXT and isinstance(value, int) and abs(value) < _LARGEST:
        return f'write "{str(value).lower()}"'
    return f"write it as {kind}"


def _wrong_types(node: Node, kinds: Mapping[str, str]) -> Iterator[Finding]:
    for key, kind in kinds.items():
        value = node.value.get(key)
        if value is not None and not is_of(value, kind):
            yield mistyped(node.at(key), value, kind)


def _wrong_items(node: Node, key: str) -> Iterator[Finding]:
    value = node.value.get(key)
    for index, item in enumerate(value if isinstance(value, list) else []):
        if not isinstance(item, Mapping):
            yield mistyped(f"{node.at(key)}[{index}]", item, OBJECT)


def _container_types(container: Node) -> Iterator[Finding]:
    yield from _wrong_types(container, _CONTAINER)
    for key in _LISTS_OF_OBJECTS:
        yield from _wrong_items(container, key)
    for key, kinds in _ITEMS.items():
        for item in container.nodes(key):
            yield from _wrong_types(item, kinds)


def types(root: Node) -> Iterator[Finding]:
    yield from _wrong_types(root, _TASK)
    yield from _wrong_items(root, "containerDefinitions")
    yield from _wrong_items(root, "volumes")
    for container in root.containers():
        yield from _container_types(container)


RULES = (types,)
