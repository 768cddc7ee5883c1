"""Read objects of one store through `git cat-file`; the process of a short read stays for the next one."""

import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from weakref import finalize

from pipeline.core.errors import TandemError
from pipeline.git.blobs import GitObject
from pipeline.git.command import OPTIONS, git_environment
from pipeline.git.ids import require_id

_PIECE = 1 << 20
_SHORT = 50
"""So many ids fit into a pipe of one page: git gets all of them before anybody reads its answers."""
_STREAMED = "core.bigFileThreshold=8m"
"""From this size on git streams a blob instead of holding it in memory."""


class ObjectReader:
    """Reads objects of the store at `place`. Threads may share it; it keeps at most one git process."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._idle: list[_CatFile] = []
        finalize(self, _end_all, self._idle)

    @contextmanager
    def read(self, names: Sequence[str]) -> Iterator[Iterator[GitObject]]:
        """Read the objects `names` in that order through one process; use each before the next.

        Raises:
            TandemError: An object is missing or damaged, or a name is no id.
        """
        if not names:
            yield iter(())
            return
        git = self._ask(b"".join(f"{require_id(name)}\n".encode() for name in names), len(names))
        answers = _Answers(self._place, git, names)
        is_over = False
        try:
            yield answers
            is_over = answers.are_over()
        finally:
            if is_over and len(names) <= _SHORT and not self._idle:
                self._idle.append(git)
            else:
                git.end()

    def _ask(self, requests: bytes, count: int) -> "_CatFile":
        if count > _SHORT:
            return _start_with_file(self._place, requests)
        while self._idle:
            git = self._idle.pop()
            with suppress(OSError):
                git.send(requests)
                return git
            git.end()
        git = _CatFile(self._place, subprocess.PIPE)
        with suppress(OSError):  # Why it has ended is read where its answer is missing.
            git.send(requests)
        return git


class _CatFile:
    """One `git cat-file --batch`."""

    def __init__(self, place: Path, requests: int | IO[bytes], *options: str) -> None:
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as git runs
        self._process = subprocess.Popen(
            ["git", *OPTIONS, f"--git-dir={place}", "-c", _STREAMED, "cat-file", "--batch", *options],
            stdin=requests,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            bufsize=_PIECE,
            env=git_environment(),
        )
        assert self._process.stdout is not None  # noqa: S101 - Popen was given PIPE
        self.answers = self._process.stdout

    def send(self, requests: bytes) -> None:
        """Write ids, one a line.

        Raises:
            OSError: git has ended.
        """
        assert self._process.stdin is not None  # noqa: S101 - Popen was given PIPE
        self._process.stdin.write(requests)
        self._process.stdin.flush()

    def end(self) -> None:
        """End git, whatever it is doing."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout, self.errors):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        self._process.wait()


class _Answers(Iterator[GitObject]):
    """What git answers to the ids `names`."""

    def __init__(self, place: Path, git: _CatFile, names: Sequence[str]) -> None:
        self._place, self._git = place, git
        self._pending_names = list(reversed(names))
        self._item: GitObject | None = None

    def __next__(self) -> GitObject:
        self._finish_item()
        if not self._pending_names:
            raise StopIteration
        header = self._git.answers.readline().split()
        if len(header) != 3:  # noqa: PLR2004 - name, type, size
            raise self._missing(self._pending_names[-1])
        name = self._pending_names.pop()
        self._item = GitObject(name, header[1].decode(), int(header[2]), self._git.answers)
        return self._item

    def are_over(self) -> bool:
        """Whether all is read that git will write; what is left of a small last object is read now."""
        if self._pending_names or (self._item and self._item.unread_size > _PIECE):
            return False
        with suppress(TandemError):
            self._finish_item()
        return self._item is None

    def _finish_item(self) -> None:
        if self._item:
            for _ in self._item.pieces():
                pass
            self._git.answers.read(1)
            self._item = None

    def _missing(self, name: str) -> TandemError:
        self._git.errors.seek(0)
        why = self._git.errors.read().decode(errors="replace").strip()
        return TandemError(
            f"git has no object {name}: {why or 'it is damaged or was rewritten'}",
            hint=f"git --git-dir={shlex.quote(str(self._place))} fsck",
        )


def _start_with_file(place: Path, requests: bytes) -> _CatFile:
    """A process that reads many ids from a file: git would block on its answers while we still write."""
    with tempfile.TemporaryFile() as file:
        file.write(requests)
        file.seek(0)
        return _CatFile(place, file, "--buffer")


def _end_all(processes: list[_CatFile]) -> None:
    while processes:
        processes.pop().end()
