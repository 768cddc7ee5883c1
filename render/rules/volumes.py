"""Rules for volumes: declared, of one type that Fargate has, and mounted once at an absolute path."""

import posixpath
import re
from collections.abc import Iterator

from render.finding import Finding, Node, excerpt

_NOT_ON_FARGATE = ("dockerVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration")
_TYPES = ("efsVolumeConfiguration", "s3filesVolumeConfiguration", "configuredAtLaunch")
_HIGHEST_PORT = 65535
_EFS = re.compile(r"fs-[0-9a-f]{8,40}")
_S3_FILES = re.compile(r"arn:aws[a-z-]*:s3files:[a-z0-9-]+:[0-9]{12}:file-system/fs-[0-9a-z]+(?:/.*)?")
_S3_ACCESS = re.compile(r"arn:aws[a-z-]*:s3files:[a-z0-9-]+:[0-9]{12}:\S*access-point/\S+")


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
        types = [key for key in _TYPES if volume.value.get(key) not in (None, False)]
        if len(types) > 1:
            yield Finding(
                volume.path, f"has {' and '.join(types)}; a volume has one type", "keep one of them"
            )


def efs(root: Node) -> Iterator[Finding]:
    for volume in root.nodes("volumes"):
        if "efsVolumeConfiguration" not in volume.value:
            continue
        files = volume.node("efsVolumeConfiguration")
        access = files.node("authorizationConfig")
        encrypted = files.text("transitEncryption") == "ENABLED"
        yield from files.between("transitEncryptionPort", 0, _HIGHEST_PORT)
        file_system = files.text("fileSystemId")
        if not files.has("fileSystemId"):
            yield Finding(files.at("fileSystemId"), "is required", "add fileSystemId")
        elif file_system and not _EFS.fullmatch(file_system):
            yield Finding(
                files.at("fileSystemId"),
                f"{excerpt(file_system)} is not the ID of a file system",
                "write fs- and the digits of the ID",
                warning=True,
            )
        if access.text("iam") == "ENABLED" and not root.has("taskRoleArn"):
            yield Finding(
                root.at("taskRoleArn"),
                f"the volume {excerpt(volume.text('name'))} is mounted with the task's role,"
                " and there is none",
                "add the ARN of a role that may mount the file system",
                warning=True,
            )
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


def s3_files(root: Node) -> Iterator[Finding]:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_S3FilesVolumeConfiguration.html
    for volume in root.nodes("volumes"):
        if "s3filesVolumeConfiguration" not in volume.value:
            continue
        files = volume.node("s3filesVolumeConfiguration")
        yield from files.between("transitEncryptionPort", 0, _HIGHEST_PORT)
        yield from _arn(files, "fileSystemArn", _S3_FILES, "arn:aws:s3files:REGION:ACCOUNT:file-system/fs-ID")
        yield from _arn(files, "accessPointArn", _S3_ACCESS, "the ARN of an access point")
        if files.has("accessPointArn") and files.text("rootDirectory") not in {"", "/"}:
            yield Finding(
                files.at("rootDirectory"),
                "the access point sets the directory",
                'remove rootDirectory, or set it to "/"',
            )
        if not root.has("taskRoleArn"):
            yield Finding(
                root.at("taskRoleArn"),
                f"the volume {excerpt(volume.text('name'))} is mounted with the task's role,"
                " and there is none",
                "add the ARN of a role that may mount the file system",
            )


def _arn(node: Node, key: str, form: re.Pattern[str], example: str) -> Iterator[Finding]:
    value = node.text(key)
    if value and not form.fullmatch(value):
        yield Finding(node.at(key), f"{excerpt(value)} is not its ARN", f"write {example}")


def configured_at_launch(root: Node) -> Iterator[Finding]:
    at_launch = [volume for volume in root.nodes("volumes") if volume.value.get("configuredAtLaunch") is True]
    for volume in at_launch[1:]:
        yield Finding(
            volume.at("configuredAtLaunch"),
            "another volume is configured at launch, and a task has one",
            "configure one volume at launch",
        )
    mounted = {
        mount.text("sourceVolume")
        for container in root.containers()
        for mount in container.nodes("mountPoints")
    }
    for volume in at_launch:
        if volume.text("name") not in mounted:
            yield Finding(
                volume.at("name"),
                f"{excerpt(volume.text('name'))} is configured at launch and no container mounts it",
                "mount it in a container, or remove the volume",
            )


def mounts(root: Node) -> Iterator[Finding]:
    volume_names = {volume.text("name") for volume in root.nodes("volumes")}
    for container in root.containers():
        for mount in container.nodes("mountPoints"):
            name = mount.text("sourceVolume")
            if name not in volume_names:
                yield Finding(
                    mount.at("sourceVolume"), f"no volume {excerpt(name)} is declared", "add it to volumes"
                )


def paths(root: Node) -> Iterator[Finding]:
    on_linux = not root.node("runtimePlatform").text("operatingSystemFamily").startswith("WINDOWS")
    for container in root.containers():
        mount_paths = set[str]()
        tmpfs = list(container.node("linuxParameters").nodes("tmpfs"))
        for mount in (*container.nodes("mountPoints"), *tmpfs):
            path = mount.text("containerPath")
            plain = posixpath.normpath(path) if path.startswith("/") else path
            if not path:
                yield Finding(mount.at("containerPath"), "is required", "add the path to mount at")
            elif on_linux and not path.startswith("/"):
                yield Finding(
                    mount.at("containerPath"), f"{excerpt(path)} is not an absolute path", "begin it with /"
                )
            elif plain in {"/", "//"}:
                yield Finding(
                    mount.at("containerPath"), "nothing can be mounted at the root", "name a folder below /"
                )
            elif plain in mount_paths:
                yield Finding(
                    mount.at("containerPath"),
                    f"{excerpt(path)} is mounted twice",
                    "remove one",
                    warning=mount in tmpfs,
                )
            mount_paths.add(plain)


def volumes_from(root: Node) -> Iterator[Finding]:
    names = {container.text("name") for container in root.containers()}
    for container in root.containers():
        for source in container.nodes("volumesFrom"):
            name = source.text("sourceContainer")
            if name not in names:
                yield Finding(
                    source.at("sourceContainer"),
                    f"there is no container {excerpt(name)}",
                    "name a container of the task",
                )
            elif name == container.text("name"):
                yield Finding(
                    source.at("sourceContainer"), "a container cannot be its own source", "remove it"
                )


RULES = (kinds, efs, s3_files, configured_at_launch, mounts, paths, volumes_from)
