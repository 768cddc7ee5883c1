"""Read layers as streams: one file's piece in memory at a time."""

import io
import posixpath
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from isal import isal_zlib

from pipeline.core.errors import TandemError
from pipeline.images.static.layers.tar import OPAQUE, WHITEOUT

_PIECE = 1 << 20
_GZIP = 31


@dataclass(frozen=True)
class Member:
    """One file of a layer, its path relative to the image's root."""

    path: str
    head: tarfile.TarInfo
    source: IO[bytes] | None

    def pieces(self) -> Iterator[bytes]:
        while self.source and (piece := self.source.read(_PIECE)):
            yield piece


@dataclass(frozen=True)
class Deletion:
    """What a layer takes away of those below: `path` and all under it."""

    path: str


@dataclass(frozen=True)
class Folder:
    """A folder that a layer brings."""

    path: str
    head: tarfile.TarInfo


class _Unpacked(io.RawIOBase):
    """What a gzip stream unpacks to."""

    def __init__(self, packed: Iterable[bytes]) -> None:
        self._packed, self._unpacker = iter(packed), isal_zlib.decompressobj(_GZIP)
        self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._held:
            packed = next(self._packed, None)
            if packed is None:
                return 0
            self._held = self._unpacker.decompress(packed)
        count = min(len(buffer), len(self._held))
        buffer[:count], self._held = self._held[:count], self._held[count:]
        return count


def members(packed: Iterable[bytes], what: str) -> Iterator[Member | Deletion | Folder]:
    """All that a layer holds, in order; use each before the next. `what` names the layer in errors."""
    unpacked = io.BufferedReader(_Unpacked(packed), _PIECE)
    try:
        with tarfile.open(fileobj=unpacked, mode="r|", bufsize=_PIECE) as tar:
            for head in tar:
                yield _member(tar, head)
                tar.members.clear()  # type: ignore[attr-defined] # or the headers of all files pile up
        while unpacked.read(_PIECE):  # To the end: only then is the digest checked.
            pass
    except (tarfile.TarError, isal_zlib.IsalError, EOFError) as error:  # type: ignore[misc] # its stubs
        raise TandemError(f"cannot read {what}: {error}") from error


def _member(tar: tarfile.TarFile, head: tarfile.TarInfo) -> Member | Deletion | Folder:
    path = posixpath.normpath(head.name).lstrip("/")
    folder, name = posixpath.split(path)
    if name == OPAQUE:
        return Deletion(folder)
    if name.startswith(WHITEOUT):
        return Deletion(posixpath.join(folder, name.removeprefix(WHITEOUT)))
    if head.isdir():
        return Folder(path, head)
    return Member(path, head, tar.extractfile(head) if head.isreg() else None)
