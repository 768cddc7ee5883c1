"""Settings that ECS on EC2 accepts and Fargate refuses."""

from collections.abc import Iterator

from render.finding import Finding, Node, shown

_TASK = ("ipcMode", "placementConstraints", "inferenceAccelerators")
_CONTAINER = (
    *("disableNetworking", "dnsServers", "dnsSearchDomains", "dockerSecurityOptions", "extraHosts"),
    *("links", "privileged"),
)
_LINUX = ("devices", "sharedMemorySize", "maxSwap", "swappiness")
_ADDABLE = {"SYS_PTRACE"}


def _refused(node: Node, keys: tuple[str, ...]) -> Iterator[Finding]:
    for key in keys:
        if node.has(key):
            yield Finding(node.at(key), "not on Fargate", f"remove {key}")


def forbidden(root: Node) -> Iterator[Finding]:
    yield from _refused(root, _TASK)
    if root.has("pidMode") and root.value["pidMode"] != "task":
        yield Finding(root.at("pidMode"), "Fargate allows only task", 'remove it or set it to "task"')
    for container in root.containers():
        yield from _refused(container, _CONTAINER)
        yield from _refused(container.node("linuxParameters"), _LINUX)
        if container.has("hostname"):
            yield Finding(container.at("hostname"), "not under awsvpc", "remove hostname")
        for requirement in container.nodes("resourceRequirements"):
            if requirement.text("type").upper() in {"GPU", "INFERENCEACCELERATOR"}:
                yield Finding(requirement.at("type"), "not on Fargate", "remove it")


def added_capabilities(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        capabilities = container.node("linuxParameters").node("capabilities")
        for capability in capabilities.texts("add"):
            if capability not in _ADDABLE:
                plain = capability.removeprefix("CAP_")
                hint = f"write {plain}" if plain in _ADDABLE else "remove it"
                yield Finding(capabilities.at("add"), f"{shown(capability)} cannot be added on Fargate", hint)


RULES = (forbidden, added_capabilities)
