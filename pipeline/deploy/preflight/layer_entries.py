"""Read the entries of an image's layers from the registry, and keep them: a digest names one content."""

import io
import json
import lzma
import tarfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path, PurePosixPath

from pipeline.core.errors import TandemError
from pipeline.core.private_files import write_private
from pipeline.core.values import Digest, ImageRef
from pipeline.deploy.preflight.container_images import ImageRegistry

WHITEOUT = ".wh."
"""Begins the name of an entry that hides files of lower layers (OCI image specification, "whiteouts")."""
_MOST_UNPACKED = 2 << 30  # bytes that a layer may unpack to
_ZSTD = b"\x28\xb5\x2f\xfd"
_DAMAGED = (
    *(tarfile.TarError, zlib.error, lzma.LZMAError),
    *(OSError, EOFError, ValueError, OverflowError, RecursionError),
)


class Kind(StrEnum):
    """What an entry is; FILE stands for all that is neither a folder nor a symbolic link."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"


@dataclass(frozen=True)
class LayerEntry:
    """One entry of a layer: its kind, and its permission bits."""

    kind: Kind
    mode: int


LayerEntries = dict[str, LayerEntry]
"""Entries by their path, without a slash at its begin or end."""


@dataclass(frozen=True)
class KeptEntries:
    """The entries of the layers that were read last of each repository, in files of `folder`."""

    folder: Path

    def load(self, repository: str, path: str) -> dict[Digest, LayerEntries | None]:
        """The kept layers of `repository`, by digest; none if there is no file, or it is damaged."""
        with suppress(OSError, ValueError, TypeError, AttributeError, TandemError):
            layers = json.loads(self._file(repository, path).read_text(encoding="utf-8"))
            return {Digest.parse(digest): _parse(entries) for digest, entries in layers.items()}
        return {}

    def save(self, repository: str, path: str, layers: dict[Digest, LayerEntries | None]) -> None:
        """Replace the kept layers of `repository`. Without space on the disk they are read again."""
        with suppress(OSError):
            text = json.dumps({str(digest): _dump(entries) for digest, entries in layers.items()})
            write_private(self._file(repository, path), text)

    def _file(self, repository: str, path: str) -> Path:
        return self.folder / f"{sha256(f'{repository} {path}'.encode()).hexdigest()}.json"


def read_entries(registry: ImageRegistry, ref: ImageRef, layer: Digest, path: str) -> LayerEntries | None:
    """The entries of one layer at and below `path`, and all of its whiteouts; None if it is packed by zstd.

    Raises:
        TandemError: The layer is missing or damaged, or unpacks to far more than its size.
    """
    blob = registry.read_blob(ref.path, layer)
    if blob.startswith(_ZSTD):  # Python cannot unpack it
        return None
    what = f"layer {layer.short} of {ref}"
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
                if name == folder or name.startswith(below) or is_whiteout(name):
                    entries[name] = LayerEntry(_kind(entry), entry.mode)
                archive.members.clear()  # type: ignore[attr-defined] # or it keeps every header
    except _DAMAGED as error:
        raise TandemError(f"{what} is damaged: {error}") from error
    return entries


def is_whiteout(name: str) -> bool:
    """Whether the entry hides files of lower layers."""
    return name.rpartition("/")[2].startswith(WHITEOUT)


def _kind(entry: tarfile.TarInfo) -> Kind:
    if entry.isdir():
        return Kind.FOLDER
    return Kind.LINK if entry.issym() else Kind.FILE


def _dump(entries: LayerEntries | None) -> dict[str, tuple[str, int]] | None:
    return None if entries is None else {name: (entry.kind, entry.mode) for name, entry in entries.items()}


def _parse(entries: dict[str, tuple[str, int]] | None) -> LayerEntries | None:
    if entries is None:
        return None
    return {name: LayerEntry(Kind(kind), int(mode)) for name, (kind, mode) in entries.items()}
