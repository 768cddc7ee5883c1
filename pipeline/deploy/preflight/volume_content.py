"""Check the content that an image puts into a volume: there is some, and every user can read it.

The content is read from the image's small layers; larger ones are trusted.
"""

import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from pipeline.deploy.preflight.container_images import ContainerImage, OpenRegistry
from render.finding import Finding, Node

_SMALL = 8 * 2**20  # bytes; larger layers are not downloaded
_READ, _READ_AND_ENTER = 0o004, 0o005  # for users other than owner and group
_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"
"""Names of entries that hide files of lower layers (OCI image specification, "whiteouts")."""


def check_content(
    container: Node, image: ContainerImage, path: str, open_registry: OpenRegistry
) -> Iterator[Finding]:
    """Containers that mount the volume run as other users: everyone must be able to read the content."""
    entries, is_complete = _entries(image, path, open_registry)
    if is_complete and all(entry.isdir() for entry in entries.values()):
        yield Finding(
            container.at("image"),
            f"the image carries no file in {path}, so the site would lose all of its content",
            "COPY the content there in the Dockerfile, or push the content again",
        )
    for name, entry in sorted(entries.items()):
        mode = _READ_AND_ENTER if entry.isdir() else _READ
        if name == path.strip("/") and entry.issym():
            yield Finding(
                container.at("image"), f"{path} is a link, so nothing is copied", "make it a folder"
            )
        elif not entry.issym() and entry.mode & mode != mode:
            yield Finding(
                container.at("image"),
                f"/{name} has mode {entry.mode:04o}: the app's user cannot read it",
                "chmod a+rX before VOLUME",
            )


def _entries(
    image: ContainerImage, path: str, open_registry: OpenRegistry
) -> tuple[dict[str, tarfile.TarInfo], bool]:
    """The visible entries at and below `path` in the small layers, and whether all layers are small."""
    entries: dict[str, tarfile.TarInfo] = {}
    small = [layer for layer in image.manifest.layers if layer.size <= _SMALL]
    registry = open_registry(image.ref.host)
    for layer in small:
        added = _layer_entries(registry.read_blob(image.ref.path, layer.digest), path)
        whiteouts = [_hides(name) for name in added if _is_whiteout(name)]
        entries = {
            name: entry for name, entry in entries.items() if not any(hides(name) for hides in whiteouts)
        }
        entries.update((name, entry) for name, entry in added.items() if not _is_whiteout(name))
    return entries, len(small) == len(image.manifest.layers)


def _layer_entries(blob: bytes, path: str) -> dict[str, tarfile.TarInfo]:
    """The entries of one layer at and below `path`, and all of its whiteouts."""
    folder = PurePosixPath(path.strip("/"))
    entries = {}
    with tarfile.open(fileobj=io.BytesIO(blob), mode="r:*") as archive:
        for entry in archive:
            name = PurePosixPath(entry.name.removeprefix("./").strip("/"))
            if name == folder or folder in name.parents or _is_whiteout(str(name)):
                entries[str(name)] = entry
    return entries


def _is_whiteout(name: str) -> bool:
    return PurePosixPath(name).name.startswith(_WHITEOUT)


def _hides(whiteout: str) -> Callable[[str], bool]:
    """Tells whether a whiteout hides a path: one path and all below it, or (opaque) all below its folder."""
    folder, name = PurePosixPath(whiteout).parent, PurePosixPath(whiteout).name
    if name == _OPAQUE:
        return lambda path: folder in PurePosixPath(path).parents
    hidden = folder / name.removeprefix(_WHITEOUT)
    return lambda path: hidden == PurePosixPath(path) or hidden in PurePosixPath(path).parents
