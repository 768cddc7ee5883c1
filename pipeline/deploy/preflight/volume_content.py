"""Check the content that an image puts into a volume: there is some, and every user can read it.

The content is read from the image's small layers; larger ones are trusted, and so is zstd, which
Python cannot unpack.
"""

import io
import lzma
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from pipeline.core.errors import TandemError
from pipeline.deploy.preflight.container_images import ContainerImage, OpenRegistry
from render.finding import Finding, Node

_SMALL = 8 * 2**20  # bytes; larger layers are not downloaded
_MOST_UNPACKED = 2 << 30  # bytes that such a layer may unpack to
_ZSTD = b"\x28\xb5\x2f\xfd"
_DAMAGED = (
    *(tarfile.TarError, zlib.error, lzma.LZMAError),
    *(OSError, EOFError, ValueError, OverflowError, RecursionError),
)
_READ, _READ_AND_ENTER = 0o004, 0o005  # for users other than owner and group
_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"
"""Names of entries that hide files of lower layers (OCI image specification, "whiteouts")."""


def check_content(
    container: Node, image: ContainerImage, path: str, open_registry: OpenRegistry
) -> Iterator[Finding]:
    """Containers that mount the volume run as other users: everyone must be able to read the content."""
    try:
        entries, is_complete = _entries(image, path, open_registry)
    except TandemError as error:
        yield Finding(container.at("image"), error.message, error.hint or "build the image again")
        return
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
    """The visible entries at and below `path` in the small layers, and whether all layers could be read.

    Raises:
        TandemError: A layer is missing or damaged.
    """
    entries: dict[str, tarfile.TarInfo] = {}
    unread = False
    small = [layer for layer in image.manifest.layers if layer.size <= _SMALL]
    registry = open_registry(image.ref.host)
    for layer in small:
        blob = registry.read_blob(image.ref.path, layer.digest)
        if blob.startswith(_ZSTD):
            unread = True
            continue
        added = _layer_entries(blob, path, f"layer {layer.digest.short} of {image.ref}")
        hidden, emptied = _whiteouts(added)
        if hidden or emptied:
            entries = {
                name: entry
                for name, entry in entries.items()
                if name not in hidden and not (hidden | emptied).intersection(_folders(name))
            }
        entries.update((name, entry) for name, entry in added.items() if not _is_whiteout(name))
    return entries, not unread and len(small) == len(image.manifest.layers)


def _layer_entries(blob: bytes, path: str, what: str) -> dict[str, tarfile.TarInfo]:
    """The entries of one layer at and below `path`, and all of its whiteouts; `what` names it in messages.

    Raises:
        TandemError: The layer is damaged, or unpacks to far more than its size.
    """
    folder = str(PurePosixPath(path.strip("/")))
    below = "" if folder == "." else f"{folder}/"
    entries = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(blob), mode="r:*") as archive:
            for entry in archive:
                if entry.size < 0:  # tarfile goes back by it, and would read the same headers for ever
                    raise tarfile.ReadError("an entry has a negative size")
                if entry.offset_data + entry.size > _MOST_UNPACKED:
                    raise TandemError(f"{what} unpacks to more than {_MOST_UNPACKED >> 30} GiB")
                name = str(PurePosixPath(entry.name.removeprefix("./").strip("/")))
                if name == folder or name.startswith(below) or _is_whiteout(name):
                    entries[name] = entry
                archive.members.clear()  # type: ignore[attr-defined] # or it keeps every header
    except _DAMAGED as error:
        raise TandemError(f"{what} is damaged: {error}") from error
    return entries


def _is_whiteout(name: str) -> bool:
    return name.rpartition("/")[2].startswith(_WHITEOUT)


def _whiteouts(names: Iterable[str]) -> tuple[set[str], set[str]]:
    """The paths that whiteouts hide with all below them, and the folders of which they hide all below."""
    hidden, emptied = set[str](), set[str]()
    for whiteout in filter(_is_whiteout, names):
        folder, _, name = whiteout.rpartition("/")
        if name == _OPAQUE:
            emptied.add(folder or ".")
        else:
            hidden.add(f"{folder}/{name.removeprefix(_WHITEOUT)}".lstrip("/"))
    return hidden, emptied


def _folders(path: str) -> Iterator[str]:
    """The folders above `path`, up to `.`, which is the root."""
    while path:
        path = path.rpartition("/")[0]
        yield path or "."
