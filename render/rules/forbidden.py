"""What EC2 has and Fargate refuses."""

from collections.abc import Iterator

from render.finding import Finding, Node

_TASK = ("ipcMode", "placementConstraints", "inferenceAccelerators")
_CONTAINER = (
    *("disableNetworking", "dnsServers", "dnsSearchDomains", "dockerSecurityOptions", "extraHosts"),
    *("links", "privileged"),
)
_LINUX = ("devices", "tmpfs", "sharedMemorySize", "maxSwap", "swappiness")
_ADDABLE = {"SYS_PTRACE"}


def _listed(node: Node, keys: tuple[str, ...]) -> Iterator[Finding]:
    for key in keys:
        if node.has(key):
            yield Finding(node.at(key), "not on Fargate", f"remove {key}")


def forbidden(root: Node) -> Iterator[Finding]:
    yield from _listed(root, _TASK)
    if root.has("pidMode") and root.value["pidMode"] != "task":
        yield Finding(root.at("pidMode"), "Fargate knows only task", 'remove it or set it to "task"')
    for container in root.containers():
        yield from _listed(container, _CONTAINER)
        yield from _listed(container.node("linuxParameters"), _LINUX)
        if container.has("hostname"):
            yield Finding(container.at("hostname"), "not under awsvpc", "remove hostname")
        for requirement in container.nodes("resourceRequirements"):
            if requirement.text("type").upper() in {"GPU", "INFERENCEACCELERATOR"}:
                yield Finding(requirement.at("type"), "not on Fargate", "remove it")


def capabilities(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        wanted = container.node("linuxParameters").node("capabilities")
        for capability in wanted.texts("add"):
            if capability not in _ADDABLE:
                yield Finding(
                    wanted.at("add"), f"{capability} cannot be added on Fargate", f"remove {capability}"
                )


RULES = (forbidden, capabilities)
