"""An object of git as a stream, and the time that a file made of it gets."""

from collections.abc import Iterator
from typing import IO

from pipeline.core.errors import TandemError

_PIECE = 1 << 20
_START = 1024
"""Bytes of a blob that `GitObject.start` returns: a Git LFS pointer is shorter."""
_EPOCH, _SPREAD = 1_000_000_000, 1 << 29


class GitObject:
    """One object as git prints it: id, kind, size in bytes, then its content, which can be read once."""

    def __init__(self, name: str, kind: str, size: int, stream: IO[bytes]) -> None:
        self.name, self.kind, self.size = name, kind, size
        self._stream, self._unread_size = stream, size
        self._start = b""

    @property
    def unread_size(self) -> int:
        """Bytes of the content that were not read yet."""
        return self._unread_size

    def start(self) -> bytes:
        """The first bytes of the content; `pieces` and `read` still begin with them.

        Raises:
            TandemError: git ended too early.
        """
        if not self._start:
            self._start = self._take(_START)
        return self._start

    def pieces(self) -> Iterator[bytes]:
        """The content in pieces of 1 MiB; the last one is shorter.

        Raises:
            TandemError: git ended too early.
        """
        while self._unread_size or self._start:
            start, self._start = self._start, b""
            yield start + self._take(_PIECE - len(start))

    def read(self) -> bytes:
        """The whole content.

        Raises:
            TandemError: git ended too early.
        """
        return b"".join(self.pieces())

    def _take(self, count: int) -> bytes:
        expected = min(self._unread_size, count)
        piece = self._stream.read(expected)
        if len(piece) < expected:
            raise TandemError(f"git ended in the middle of object {self.name}")
        self._unread_size -= expected
        return piece


def mtime_of(blob: str) -> int:
    """A modification time between 2001 and 2018 that depends on the blob's id alone.

    nginx's ETag is time and size: an edit that keeps the size must change the time, a new build must not.
    """
    return _EPOCH + int(blob[:8], 16) % _SPREAD
