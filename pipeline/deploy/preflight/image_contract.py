"""What images promise and a task definition expects of them: read from the registry, nothing is pulled."""

import io
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Protocol

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.registry import Manifest, connect
from render.finding import Finding, Node

_ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}
_GIB = 2**30
_DEFAULT_STORAGE = 20  # GiB that each Fargate task has
_SMALL = 8 * 2**20  # layers up to this size are read, to see who may read the content
_OTHERS_READ_AND_ENTER = 0o005
_MARK, _OPAQUE = ".wh.", ".wh..wh..opq"  # how a layer hides what lies below it


class Images(Protocol):
    """What is asked of a registry."""

    def exists(self, ref: ImageRef) -> bool:
        """Whether the registry has the image."""

    def manifest(self, ref: ImageRef) -> Manifest:
        """Its manifest."""

    def config(self, ref: ImageRef, manifest: Manifest | None = None) -> dict[str, Any]:
        """Its OCI configuration."""

    def read_blob(self, path: str, digest: Digest) -> bytes:
        """A small blob."""


@dataclass(frozen=True)
class Image:
    """What is known of one container's image."""

    ref: ImageRef
    manifest: Manifest
    config: Mapping[str, Any]

    @property
    def settings(self) -> Mapping[str, Any]:
        """The part of the configuration that a container starts with."""
        return self.config.get("config") or {}

    @property
    def volumes(self) -> set[str]:
        return set(self.settings.get("Volumes") or {})

    @property
    def bytes(self) -> int:
        """Compressed size."""
        return sum(layer.size for layer in self.manifest.layers)


def check(task_definition: Mapping[str, Any], registry: Callable[[str], Images] = connect) -> list[Finding]:
    """Every broken promise, as findings by the task definition's paths; images by tag are not looked at."""
    root = Node(task_definition)
    found, findings = images(root, registry)
    for container in root.containers():
        image = found.get(container.text("name"))
        if image:
            findings += [
                *_architecture(root, container, image),
                *_command(container, image),
                *_ports(container, image),
                *_volumes(root, container, image, registry),
            ]
    return sorted({*findings, *_storage(root, found)})


def images(root: Node, registry: Callable[[str], Images]) -> tuple[dict[str, Image], list[Finding]]:
    """The images of the containers by their names, and those that cannot be read."""
    read, findings = {}, []
    for container in root.containers():
        if "@" not in container.text("image"):
            continue
        try:
            ref = ImageRef.parse(container.text("image"))
            at = registry(ref.host)
            manifest = at.manifest(ref)
            read[container.text("name")] = Image(ref, manifest, at.config(ref, manifest))
        except TandemError as error:
            findings.append(Finding(container.at("image"), error.message, error.hint or "build it again"))
    return read, findings


def _architecture(root: Node, container: Node, image: Image) -> Iterator[Finding]:
    wanted = root.node("runtimePlatform").text("cpuArchitecture") or "X86_64"
    expected, found = _ARCHITECTURES.get(wanted, wanted), image.config.get("architecture")
    if found != expected:
        yield Finding(
            container.at("image"),
            f"the image is for {found}, the task for {wanted}",
            "build it for that architecture, or change task.architecture in tandem.toml",
        )


def _command(container: Node, image: Image) -> Iterator[Finding]:
    own = container.has("command") or container.has("entryPoint")
    if not own and not (image.settings.get("Entrypoint") or image.settings.get("Cmd")):
        yield Finding(
            container.at("image"),
            "the image has neither ENTRYPOINT nor CMD, so its container cannot start",
            "give its Dockerfile a CMD; a data image needs one that exits 0",
        )


def _ports(container: Node, image: Image) -> Iterator[Finding]:
    exposed = image.settings.get("ExposedPorts") or {}
    for mapping in container.nodes("portMappings"):
        port = f"{mapping.number('containerPort')}/{mapping.text('protocol') or 'tcp'}"
        if exposed and port not in exposed:
            yield Finding(
                mapping.at("containerPort"),
                f"the image exposes {', '.join(sorted(exposed))}, not {port}",
                "EXPOSE it in the Dockerfile, or change task.port in tandem.toml",
            )


def _volumes(
    root: Node, container: Node, image: Image, registry: Callable[[str], Images]
) -> Iterator[Finding]:
    """A volume gets the image's content, owner and mode only where VOLUME names the very same path."""
    readers = {
        source.text("sourceContainer") for item in root.containers() for source in item.nodes("volumesFrom")
    }
    for mount in container.nodes("mountPoints"):
        path = mount.text("containerPath")
        if path not in image.volumes:
            found = ", ".join(sorted(image.volumes)) or "none"
            yield Finding(
                mount.at("containerPath"),
                f"the image's VOLUME is {found}, not {path}, so nothing is copied into the volume",
                f"VOLUME {path} in the Dockerfile",
            )
        elif container.text("name") in readers:
            yield from _content(container, image, path, registry)


def _content(
    container: Node, image: Image, path: str, registry: Callable[[str], Images]
) -> Iterator[Finding]:
    """Containers that mount the content run as another user: everyone must be able to read it."""
    seen, whole = _seen(image, path, registry)
    if whole and all(entry.isdir() for entry in seen.values()):
        yield Finding(
            container.at("image"),
            f"the image carries no file in {path}, so the site would lose all of its content",
            "COPY the content there in the Dockerfile, or push the content again",
        )
    for name, entry in sorted(seen.items()):
        wanted = _OTHERS_READ_AND_ENTER if entry.isdir() else 0o004
        if name == path.strip("/") and entry.issym():
            yield Finding(
                container.at("image"), f"{path} is a link, so nothing is copied", "make it a folder"
            )
        elif not entry.issym() and entry.mode & wanted != wanted:
            yield Finding(
                container.at("image"),
                f"/{name} has mode {entry.mode:04o}: the app's user cannot read it",
                "chmod a+rX before VOLUME",
            )


def _seen(
    image: Image, path: str, registry: Callable[[str], Images]
) -> tuple[dict[str, tarfile.TarInfo], bool]:
    """What the small layers leave at and below `path`, and whether they are all layers of the image."""
    seen: dict[str, tarfile.TarInfo] = {}
    small = [layer for layer in image.manifest.layers if layer.size <= _SMALL]
    for layer in small:
        found = _below(registry(image.ref.host).read_blob(image.ref.path, layer.digest), path)
        hidden = [_hidden(name) for name in found if _is_mark(name)]
        seen = {name: entry for name, entry in seen.items() if not any(hides(name) for hides in hidden)}
        seen.update((name, entry) for name, entry in found.items() if not _is_mark(name))
    return seen, len(small) == len(image.manifest.layers)


def _below(blob: bytes, path: str) -> dict[str, tarfile.TarInfo]:
    inside = PurePosixPath(path.strip("/"))
    found = {}
    with tarfile.open(fileobj=io.BytesIO(blob), mode="r:*") as archive:
        for entry in archive:
            name = PurePosixPath(entry.name.removeprefix("./").strip("/"))
            if name == inside or inside in name.parents or _is_mark(str(name)):
                found[str(name)] = entry
    return found


def _is_mark(name: str) -> bool:
    """Whether the entry of a layer only hides something of the layers below."""
    return PurePosixPath(name).name.startswith(_MARK)


def _hidden(mark: str) -> Callable[[str], bool]:
    """What a mark hides: one path with all below it, or (opaque) all below its folder."""
    folder, name = PurePosixPath(mark).parent, PurePosixPath(mark).name
    if name == _OPAQUE:
        return lambda path: folder in PurePosixPath(path).parents
    gone = folder / name.removeprefix(_MARK)
    return lambda path: gone == PurePosixPath(path) or gone in PurePosixPath(path).parents


def _storage(root: Node, images: Mapping[str, Image]) -> Iterator[Finding]:
    """Compressed, unpacked and copied bytes share the task's storage; unpacked is at least compressed."""
    gib = root.node("ephemeralStorage").number("sizeInGiB") or _DEFAULT_STORAGE
    distinct = {image.ref: image.bytes for image in images.values()}
    copied = sum(
        images[container.text("name")].bytes
        for container in root.containers()
        if container.text("name") in images and container.has("mountPoints")
    )
    needed = 2 * sum(distinct.values()) + copied
    if needed > gib * _GIB:
        yield Finding(
            root.node("ephemeralStorage").at("sizeInGiB"),
            f"the images need at least {needed / _GIB:.0f} GiB; the task has {gib}",
            "raise the ephemeral storage (21 to 200 GiB)",
        )
