"""Read objects from a git store in batches, as streams."""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipeline.core.errors import TandemError
from pipeline.git.command import OPTIONS, git_environment
from pipeline.git.ids import require_id

_PIECE = 1 << 20
_START = 1024
"""Bytes of a blob that `GitObject.start` returns: a Git LFS pointer is shorter."""
_STREAMED = "core.bigFileThreshold=8m"
"""From this size on git streams a blob instead of holding it in memory."""
_EPOCH, _SPREAD = 1_000_000_000, 1 << 29


class GitObject:
    """One object as git prints it: id, kind, size in bytes, then its content, which can be read once."""

    def __init__(self, name: str, kind: str, size: int, stream: IO[bytes]) -> None:
        self.name, self.kind, self.size = name, kind, size
        self._stream, self._left = stream, size
        self._start = b""

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
        while self._left or self._start:
            start, self._start = self._start, b""
            yield start + self._take(_PIECE - len(start))

    def read(self) -> bytes:
        """The whole content.

        Raises:
            TandemError: git ended too early.
        """
        return b"".join(self.pieces())

    def _take(self, count: int) -> bytes:
        expected = min(self._left, count)
        taken = self._stream.read(expected)
        if len(taken) < expected:
            raise TandemError(f"git ended in the middle of object {self.name}")
        self._left -= expected
        return taken


@contextmanager
def read_objects(place: Path, names: Sequence[str]) -> Iterator[Iterator[GitObject]]:
    """Read the objects `names` in that order through one process; use each before the next.

    Raises:
        TandemError: An object is missing or damaged, or a name is no id.
    """
    # Requests come from a file, not a pipe: git would block on its answers while we still write.
    with tempfile.TemporaryFile() as requests, tempfile.TemporaryFile() as errors:
        requests.writelines(f"{require_id(name)}\n".encode() for name in names)
        requests.seek(0)
        command = ["git", *OPTIONS, f"--git-dir={place}", "-c", _STREAMED, "cat-file", "--batch", "--buffer"]
        with subprocess.Popen(
            command,
            stdin=requests,
            stdout=subprocess.PIPE,
            stderr=errors,
            bufsize=_PIECE,
            env=git_environment(),
        ) as git:
            assert git.stdout is not None  # noqa: S101 - Popen was given PIPE
            try:
                yield _parse_objects(place, git.stdout, errors, names)
            finally:
                git.kill()


def _parse_objects(
    place: Path, stream: IO[bytes], errors: IO[bytes], names: Iterable[str]
) -> Iterator[GitObject]:
    for name in names:
        header = stream.readline().split()
        if len(header) != 3:  # noqa: PLR2004 - name, type, size
            errors.seek(0)
            why = errors.read().decode(errors="replace").strip()
            raise TandemError(
                f"git has no object {name}: {why or 'it is damaged or was rewritten'}",
                hint=f"git --git-dir={place} fsck",
            )
        item = GitObject(name, header[1].decode(), int(header[2]), stream)
        yield item
        for _ in item.pieces():
            pass
        stream.read(1)


def mtime_of(blob: str) -> int:
    """A modification time between 2001 and 2018 that depends on the blob's id alone.

    nginx's ETag is time and size: an edit that keeps the size must change the time, a new build must not.
    """
    return _EPOCH + int(blob[:8], 16) % _SPREAD
