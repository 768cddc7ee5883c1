"""Rules for limits and kernel parameters of containers, and for the task's proxy."""

import re
from collections.abc import Iterator

from render.finding import Finding, Node, excerpt

_UNLIMITED = -1
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ProxyConfiguration.html
_PROXY = ("ProxyIngressPort", "ProxyEgressPort", "AppPorts", "EgressIgnoredIPs")
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tmpfs.html
_MOUNT_OPTIONS = frozenset({
    *("defaults", "ro", "rw", "suid", "nosuid", "dev", "nodev", "exec", "noexec", "sync", "async", "dirsync"),
    *("remount", "mand", "nomand", "atime", "noatime", "diratime", "nodiratime", "bind", "rbind"),
    *("unbindable", "runbindable", "private", "rprivate", "shared", "rshared", "slave", "rslave", "relatime"),
    *("norelatime", "strictatime", "nostrictatime", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol"),
})  # fmt: skip
_SYSTEM_CONTROL = re.compile(
    r"net\..+|fs\.mqueue\..+|kernel\.(?:msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)"
)


def ulimits(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        for limit in container.nodes("ulimits"):
            soft, hard = limit.number("softLimit"), limit.number("hardLimit")
            if soft == _UNLIMITED and hard not in (None, _UNLIMITED):
                yield Finding(
                    limit.at("softLimit"),
                    f"-1 is no limit, and hardLimit is {excerpt(hard)}",
                    "write a number up to hardLimit",
                    warning=True,
                )
            if soft is not None and hard is not None and hard != _UNLIMITED and soft > hard:
                yield Finding(
                    limit.at("softLimit"),
                    f"{excerpt(soft)} exceeds hardLimit {excerpt(hard)}",
                    "lower softLimit",
                )


def system_controls(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        for control in container.nodes("systemControls"):
            namespace = control.text("namespace")
            for key in ("namespace", "value"):
                if not control.has(key):
                    yield Finding(control.at(key), "is required", f"add {key}")
            if namespace and not _SYSTEM_CONTROL.fullmatch(namespace):
                yield Finding(
                    control.at("namespace"),
                    f"{excerpt(namespace)} cannot be set for one task",
                    "use net.*, fs.mqueue.* or an IPC parameter of kernel.*, or remove it",
                )


def proxy(root: Node) -> Iterator[Finding]:
    if not root.has("proxyConfiguration"):
        return
    configuration = root.node("proxyConfiguration")
    name = configuration.text("containerName")
    if name not in {container.text("name") for container in root.containers()}:
        yield Finding(
            configuration.at("containerName"),
            f"there is no container {excerpt(name)}",
            "name a container of the task",
        )
    properties = {item.text("name") for item in configuration.nodes("properties")}
    missing = [name for name in _PROXY if name not in properties]
    if not properties & {"IgnoredUID", "IgnoredGID"}:
        missing.append("IgnoredUID or IgnoredGID")
    if missing:
        yield Finding(configuration.at("properties"), f"lacks {', '.join(missing)}", "add them")


def tmpfs(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        for mount in container.node("linuxParameters").nodes("tmpfs"):
            size = mount.number("size")
            if size is None or size < 1:
                yield Finding(
                    mount.at("size"),
                    f"{excerpt(mount.value.get('size'))} is not a size",
                    "write MiB, at least 1",
                )
            for option in mount.texts("mountOptions"):
                if option.partition("=")[0] not in _MOUNT_OPTIONS:
                    yield Finding(
                        mount.at("mountOptions"), f"{excerpt(option)} is not a mount option", "remove it"
                    )


RULES = (ulimits, system_controls, proxy, tmpfs)
