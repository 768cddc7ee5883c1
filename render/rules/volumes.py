"""Rules for volumes: declared, of a type that Fargate has, and mounted once."""

from collections import Counter
from collections.abc import Iterator

from render.finding import Finding, Node, shown

_NOT_ON_FARGATE = ("dockerVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration")


def kinds(root: Node) -> Iterator[Finding]:
    for volume in root.nodes("volumes"):
        if not volume.has("name"):
            yield Finding(volume.at("name"), "is required", "add name")
        if volume.node("host").has("sourcePath"):
            yield Finding(
                volume.node("host").at("sourcePath"), "Fargate has no host to mount from", "remove it"
            )
        for key in _NOT_ON_FARGATE:
            if volume.has(key):
                yield Finding(volume.at(key), "not on Fargate", "remove it, or use EFS")


def efs(root: Node) -> Iterator[Finding]:
    for volume in root.nodes("volumes"):
        if "efsVolumeConfiguration" not in volume.value:
            continue
        files = volume.node("efsVolumeConfiguration")
        access = files.node("authorizationConfig")
        encrypted = files.text("transitEncryption") == "ENABLED"
        if not files.has("fileSystemId"):
            yield Finding(files.at("fileSystemId"), "is required", "add fileSystemId")
        if not encrypted and (access.text("iam") == "ENABLED" or access.has("accessPointId")):
            yield Finding(
                files.at("transitEncryption"),
                "authorizationConfig needs encryption in transit",
                'set it to "ENABLED"',
            )
        if not encrypted and files.has("transitEncryptionPort"):
            yield Finding(
                files.at("transitEncryptionPort"),
                "needs encryption in transit",
                'set transitEncryption to "ENABLED", or remove the port',
            )
        if access.has("accessPointId") and files.text("rootDirectory") not in {"", "/"}:
            yield Finding(
                files.at("rootDirectory"),
                "the access point sets the directory",
                'remove rootDirectory, or set it to "/"',
            )


def configured_at_launch(root: Node) -> Iterator[Finding]:
    mounted = {
        mount.text("sourceVolume")
        for container in root.containers()
        for mount in container.nodes("mountPoints")
    }
    for volume in root.nodes("volumes"):
        if volume.value.get("configuredAtLaunch") is True and volume.text("name") not in mounted:
            yield Finding(
                volume.at("name"),
                f"{shown(volume.text('name'))} is configured at launch and no container mounts it",
                "mount it in a container, or remove the volume",
            )


def mounts(root: Node) -> Iterator[Finding]:
    declared = {volume.text("name") for volume in root.nodes("volumes")}
    for container in root.containers():
        paths = Counter(mount.text("containerPath") for mount in container.nodes("mountPoints"))
        for mount in container.nodes("mountPoints"):
            name, path = mount.text("sourceVolume"), mount.text("containerPath")
            if name not in declared:
                yield Finding(
                    mount.at("sourceVolume"), f"no volume {shown(name)} is declared", "add it to volumes"
                )
            if not path:
                yield Finding(mount.at("containerPath"), "is required", "add the path to mount at")
            elif paths[path] > 1:
                yield Finding(mount.at("containerPath"), f"{shown(path)} is mounted twice", "remove one")


def volumes_from(root: Node) -> Iterator[Finding]:
    names = {container.text("name") for container in root.containers()}
    for container in root.containers():
        for source in container.nodes("volumesFrom"):
            name = source.text("sourceContainer")
            if name not in names:
                yield Finding(
                    source.at("sourceContainer"),
                    f"there is no container {shown(name)}",
                    "name a container of the task",
                )
            elif name == container.text("name"):
                yield Finding(
                    source.at("sourceContainer"), "a container cannot be its own source", "remove it"
                )


RULES = (kinds, efs, configured_at_launch, mounts, volumes_from)
