"""Read objects from a git store in batches, as streams."""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pipeline.core.errors import TandemError
from pipeline.git.command import git_environment

_BUFFER = 1 << 20
_STREAMED = "core.bigFileThreshold=8m"
"""From this size on git streams a blob instead of holding it."""


class GitObject:
    """One object as git hands it over: its size, then its bytes, once."""

    def __init__(self, name: str, size: int, source: IO[bytes]) -> None:
        self.name, self.size = name, size
        self._source, self._left = source, size

    def pieces(self) -> Iterator[bytes]:
        """The bytes in pieces of at most 1 MiB."""
        while self._left:
            piece = self._source.read(min(self._left, _BUFFER))
            if not piece:
                raise TandemError(f"git broke off in the middle of object {self.name}")
            self._left -= len(piece)
            yield piece

    def read(self) -> bytes:
        return b"".join(self.pieces())


@contextmanager
def contents(place: Path, names: Sequence[str]) -> Iterator[Iterator[GitObject]]:
    """Read objects `names` in that order through one process; each must be used before the next."""
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said:
        asked.writelines(f"{name}\n".encode() for name in names)
        asked.seek(0)
        command = ["git", f"--git-dir={place}", "-c", _STREAMED, "cat-file", "--batch", "--buffer"]
        with subprocess.Popen(
            command, stdin=asked, stdout=subprocess.PIPE, stderr=said, bufsize=_BUFFER, env=git_environment()
        ) as git:
            assert git.stdout is not None  # noqa: S101 - a pipe was asked for
            try:
                yield _contents(git.stdout, said, names)
            finally:
                git.kill()


def _contents(source: IO[bytes], said: IO[bytes], names: Iterable[str]) -> Iterator[GitObject]:
    for name in names:
        header = source.readline().split()
        if len(header) != 3:  # noqa: PLR2004 - name, type, size
            said.seek(0)
            why = said.read().decode(errors="replace").strip()
            raise TandemError(
                f"git has no object {name}: {why or 'it is damaged or was rewritten'}",
                hint="git fsck in the repository; the next build reads the tree as a whole",
            )
        content = GitObject(name, int(header[2]), source)
        yield content
        for _ in content.pieces():
            pass
        source.read(1)
