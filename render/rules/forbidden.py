"""Settings that ECS on EC2 accepts and Fargate refuses."""

from collections.abc import Collection, Iterator

from render.finding import Finding, Node, excerpt

_TASK = ("ipcMode", "placementConstraints", "inferenceAccelerators", "trustedExecutionConfiguration")
_CONTAINER = (
    *("disableNetworking", "dnsServers", "dnsSearchDomains", "dockerSecurityOptions", "extraHosts"),
    *("links", "privileged"),
)
_LINUX = ("devices", "sharedMemorySize", "maxSwap", "swappiness")
_ACCELERATORS = {"GPU", "INFERENCEACCELERATOR", "NEURONDEVICE"}
_ADDABLE = {"SYS_PTRACE"}
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html
_CAPABILITIES = frozenset({
    *("ALL", "AUDIT_CONTROL", "AUDIT_WRITE", "BLOCK_SUSPEND", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH"),
    *("FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN"),
    *("MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "SETFCAP"),
    *("SETGID", "SETPCAP", "SETUID", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT", "SYS_MODULE", "SYS_NICE"),
    *("SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "SYSLOG"),
    "WAKE_ALARM",
})  # fmt: skip
_DOMAINLESS = "credentialspecdomainless:"


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
            if requirement.text("type").upper() in _ACCELERATORS:
                yield Finding(requirement.at("type"), "not on Fargate", "remove it")


def added_capabilities(root: Node) -> Iterator[Finding]:
    return _capabilities(root, "add", _ADDABLE, "cannot be added on Fargate")


def dropped_capabilities(root: Node) -> Iterator[Finding]:
    return _capabilities(root, "drop", _CAPABILITIES, "is not a capability")


def _capabilities(root: Node, key: str, allowed: Collection[str], problem: str) -> Iterator[Finding]:
    for container in root.containers():
        capabilities = container.node("linuxParameters").node("capabilities")
        for capability in capabilities.texts(key):
            if capability not in allowed:
                plain = _plain(capability)
                hint = f"write {plain}" if plain in allowed else "remove it"
                yield Finding(capabilities.at(key), f"{excerpt(capability)} {problem}", hint)


def _plain(capability: str) -> str:
    return capability.strip().upper().removeprefix("CAP_")


def credential_specs(root: Node) -> Iterator[Finding]:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-linux-gmsa.html
    for container in root.containers():
        specs = container.texts("credentialSpecs")
        if len(specs) > 1:
            yield Finding(container.at("credentialSpecs"), f"{len(specs)} of them; at most 1", "keep one")
        for index, spec in enumerate(specs):
            if not spec.startswith(f"{_DOMAINLESS}arn:"):
                yield Finding(
                    f"{container.at('credentialSpecs')}[{index}]",
                    f"{excerpt(spec)} is not of the form that Fargate takes",
                    f"write {_DOMAINLESS} and the ARN of the file in S3 or of the parameter",
                )


RULES = (forbidden, added_capabilities, dropped_capabilities, credential_specs)
