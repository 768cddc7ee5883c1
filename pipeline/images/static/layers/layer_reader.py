"""Read layers as streams, with one piece of a file in memory at a time."""

import io
import math
import posixpath
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from isal import isal_zlib

from pipeline.core.errors import TandemError
from pipeline.images.static.layers.tar import OPAQUE, WHITEOUT

_PIECE = 1 << 20
_GZIP = 31
_LARGEST_RECORDS = 1 << 20
"""Bytes of a long name or of PAX records, which tarfile reads into memory."""
_LARGEST_FILE = 1 << 40
_RECORDS = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, *(b"L", b"K"))
_ISAL_ERROR: type[Exception] = isal_zlib.IsalError  # type: ignore[assignment] # its stubs
_DAMAGED = (
    *(tarfile.TarError, _ISAL_ERROR, EOFError, ValueError, OverflowError, IndexError, RecursionError),
)
_SHOWN = 200
_HINT = "do not use this registry until its storage has been checked"


class UnreadableLayerError(TandemError):
    """The bytes of a layer are no tar archive in gzip, or hold values that no file has."""


@dataclass(frozen=True)
class Member:
    """One file of a layer, its path relative to the image's root."""

    path: str
    head: tarfile.TarInfo
    source: IO[bytes] | None

    def pieces(self) -> Iterator[bytes]:
        """The content in pieces of at most 1 MiB; TandemError if the layer is damaged there."""
        try:
            while self.source and (piece := self.source.read(_PIECE)):
                yield piece
        except _DAMAGED as error:
            raise TandemError(f"cannot read {self.path} of a layer: {error}", hint=_HINT) from error


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
    """The uncompressed content of a gzip stream, of which only what is asked for is in memory."""

    def __init__(self, packed: Iterable[bytes]) -> None:
        self._packed, self._unpacker = iter(packed), isal_zlib.decompressobj(_GZIP)
        self._is_full = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        unpacker = self._unpacker
        while not unpacker.eof:
            packed = unpacker.unconsumed_tail if self._is_full else next(self._packed, None)
            if packed is None:
                raise EOFError("the gzip stream ends too early")
            piece = unpacker.decompress(packed, len(buffer))
            # A full buffer may mean that more can be unpacked from what the unpacker has already.
            self._is_full = len(piece) == len(buffer) or bool(unpacker.unconsumed_tail)
            if piece:
                buffer[: len(piece)] = piece
                return len(piece)
        for _ in self._packed:  # To the end, where the digest is checked.
            pass
        return 0


class _Head(tarfile.TarInfo):
    """A header whose records have a limit."""

    def _proc_member(self, tar: tarfile.TarFile) -> Any:  # noqa: ANN401 - tarfile's
        if self.type in _RECORDS and self.size > _LARGEST_RECORDS:
            raise tarfile.ReadError(f"it has {self.size} bytes of names")
        return super()._proc_member(tar)  # type: ignore[misc] # where tarfile reads them


def members(packed: Iterable[bytes], what: str) -> Iterator[Member | Deletion | Folder]:
    """The entries of a layer, in order; use each before the next. `what` names the layer in messages.

    Raises:
        UnreadableLayerError: The layer is damaged.
    """
    unpacked = io.BufferedReader(_Unpacked(packed), _PIECE)
    try:
        with tarfile.open(fileobj=unpacked, mode="r|", bufsize=_PIECE, tarinfo=_Head) as tar:
            for head in tar:
                yield _member(tar, head)
                tar.members.clear()  # type: ignore[attr-defined] # or it keeps the headers of all files
        while unpacked.read(_PIECE):  # To the end, where the digest is checked.
            pass
    except _DAMAGED as error:
        raise UnreadableLayerError(f"cannot read {what}: {str(error)[:_SHOWN]}", hint=_HINT) from error


def _member(tar: tarfile.TarFile, head: tarfile.TarInfo) -> Member | Deletion | Folder:
    # tarfile goes over content of any size in steps of a megabyte, and does not notice that there is no more.
    if not 0 <= head.size <= _LARGEST_FILE or head.issparse() or not math.isfinite(head.mtime):
        raise tarfile.ReadError("a header has values that no file has")
    path = posixpath.normpath(head.name).lstrip("/")
    folder, name = posixpath.split(path)
    if name == OPAQUE:
        return Deletion(folder)
    if name.startswith(WHITEOUT):
        return Deletion(posixpath.join(folder, name.removeprefix(WHITEOUT)))
    if head.isdir():
        return Folder(path, head)
    return Member(path, head, tar.extractfile(head) if head.isreg() else None)
