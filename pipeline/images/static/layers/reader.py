"""Read layers as streams, with one piece of a file in memory at a time."""

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
        """The content in pieces of at most 1 MiB."""
        while self.source and (piece := self.source.read(_PIECE)):
            yield piece


@dataclass(frozen=True)
class Deletion:
    """A whiteout: the layer deletes `path`, and everything below it, from the layers below."""

    path: str


@dataclass(frozen=True)
class Folder:
    """A folder of a layer."""

    path: str
    head: tarfile.TarInfo


class _Unpacked(io.RawIOBase):
    """The uncompressed content of a gzip stream."""

    def __init__(self, packed: Iterable[bytes]) -> None:
        self._packed, self._unpacker = iter(packed), isal_zlib.decompressobj(_GZIP)
        self._buffer = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._buffer:
            packed = next(self._packed, None)
            if packed is None:
                return 0
            self._buffer = self._unpacker.decompress(packed)
        count = min(len(buffer), len(self._buffer))
        buffer[:count], self._buffer = self._buffer[:count], self._buffer[count:]
        return count


def members(packed: Iterable[bytes], what: str) -> Iterator[Member | Deletion | Folder]:
    """The entries of a layer, in order; use each before the next. `what` names the layer in messages.

    Raises:
        TandemError: The layer is damaged.
    """
    unpacked = io.BufferedReader(_Unpacked(packed), _PIECE)
    try:
        with tarfile.open(fileobj=unpacked, mode="r|", bufsize=_PIECE) as tar:
            for head in tar:
                yield _member(tar, head)
                tar.members.clear()  # type: ignore[attr-defined] # or it keeps the headers of all files
        while unpacked.read(_PIECE):  # To the end, where the digest is checked.
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
