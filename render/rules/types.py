"""Rules for JSON types: values have the types that the API expects, so the other rules can rely on them."""

from collections.abc import Iterator, Mapping

from render.finding import Finding, Node, shown

_OBJECT, _LIST, _TEXT, _NUMBER, _FLAG = "an object", "a list", "a string", "a whole number", "true or false"

_TASK = {
    **dict.fromkeys(("family", "cpu", "memory", "networkMode", "executionRoleArn", "taskRoleArn"), _TEXT),
    **dict.fromkeys(("containerDefinitions", "volumes", "requiresCompatibilities", "tags"), _LIST),
    **dict.fromkeys(("ephemeralStorage", "runtimePlatform"), _OBJECT),
}
_CONTAINER = {
    **dict.fromkeys(("name", "image", "user", "workingDirectory"), _TEXT),
    **dict.fromkeys(("cpu", "memory", "memoryReservation", "startTimeout", "stopTimeout"), _NUMBER),
    **dict.fromkeys(("essential", "readonlyRootFilesystem", "privileged", "interactive"), _FLAG),
    **dict.fromkeys(("dependsOn", "mountPoints", "volumesFrom", "portMappings"), _LIST),
    **dict.fromkeys(("environment", "environmentFiles", "secrets", "command", "entryPoint"), _LIST),
    **dict.fromkeys(("healthCheck", "logConfiguration", "linuxParameters", "restartPolicy"), _OBJECT),
}
_ITEMS = {
    "environment": dict.fromkeys(("name", "value"), _TEXT),
    "secrets": dict.fromkeys(("name", "valueFrom"), _TEXT),
    "portMappings": dict.fromkeys(("containerPort", "hostPort"), _NUMBER),
}
_LISTS_OF_OBJECTS = ("dependsOn", "mountPoints", "volumesFrom", "portMappings", "environment", "secrets")


def _is(value: object, kind: str) -> bool:
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


def _wrong_types(node: Node, expected: Mapping[str, str]) -> Iterator[Finding]:
    for key, kind in expected.items():
        value = node.value.get(key)
        if value is not None and not _is(value, kind):
            yield Finding(node.at(key), f"must be {kind}, not {shown(value)}", f"write it as {kind}")


def _wrong_items(node: Node, key: str) -> Iterator[Finding]:
    value = node.value.get(key)
    for index, item in enumerate(value if isinstance(value, list) else []):
        if not isinstance(item, Mapping):
            where = f"{node.at(key)}[{index}]"
            yield Finding(where, f"must be an object, not {shown(item)}", "write it as an object")


def _container_types(container: Node) -> Iterator[Finding]:
    yield from _wrong_types(container, _CONTAINER)
    for key in _LISTS_OF_OBJECTS:
        yield from _wrong_items(container, key)
    for key, expected in _ITEMS.items():
        for item in container.nodes(key):
            yield from _wrong_types(item, expected)


def types(root: Node) -> Iterator[Finding]:
    yield from _wrong_types(root, _TASK)
    yield from _wrong_items(root, "containerDefinitions")
    yield from _wrong_items(root, "volumes")
    for container in root.containers():
        yield from _container_types(container)


RULES = (types,)
