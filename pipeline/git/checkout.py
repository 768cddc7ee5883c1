"""Write the files of a tree into a new folder, and never outside of it."""

import errno
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.git.blobs import GitObject, mtime_of
from pipeline.git.object_store import ListedFile, ObjectStore
from pipeline.git.printable_text import printable
from pipeline.git.validation import LINK, clashes, validate_file

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_TAKEN = {errno.EEXIST, errno.ELOOP, errno.ENOTDIR}
_DEEPEST = 200
"""Folders on the way to a file: Docker's client reads a build context recursively."""


def write_files(store: ObjectStore, files: Iterable[ListedFile], into: Path, where: str) -> None:
    """Write `files` into the new folder `into`; `where` follows paths in messages.

    Raises:
        TandemError: A file cannot become part of an image, or its name is taken by another.
        OSError: The disk is full.
    """
    ordered = sorted(files, key=lambda file: file.path)
    _warn_of_clashes(ordered)
    into.mkdir(parents=True)
    with _Folders(into) as folders, store.read([file.entry.id for file in ordered]) as blobs:
        for file, blob in zip(ordered, blobs, strict=True):
            with _name_errors(file.path, where):
                folder, _, name = file.path.rpartition("/")
                _write_file(folders.enter(folder, where), name, file, blob, where)


class _Folders:
    """Opens folders below `top` one name at a time, so that no part of a path is ever a link."""

    def __init__(self, top: Path) -> None:
        self._names: list[str] = []
        self._open = [os.open(top, _FOLDER)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._close(0)
        os.close(self._open.pop())

    def enter(self, folder: str, where: str) -> int:
        """The descriptor of `folder`, made if it is missing; it is valid until the next call."""
        names = folder.split("/") if folder else []
        if len(names) > _DEEPEST:
            raise TandemError(
                f"{printable(folder)}{where} is too deep: a build takes at most {_DEEPEST} folders in a row",
                hint="move it up with `git mv`, then commit and push",
            )
        self._close(_common(self._names, names))
        for name in names[len(self._names) :]:
            self._make(name)
        return self._open[-1]

    def _make(self, name: str) -> None:
        above = self._open[-1]
        with suppress(FileExistsError):  # if it is no folder, opening it fails
            os.mkdir(name, dir_fd=above)
        self._open.append(os.open(name, _FOLDER, dir_fd=above))
        self._names.append(name)

    def _close(self, depth: int) -> None:
        while len(self._names) > depth:
            self._names.pop()
            os.close(self._open.pop())


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many names both start with."""
    pairs = zip(one, other, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _write_file(folder: int, name: str, file: ListedFile, blob: GitObject, where: str) -> None:
    if file.entry.mode == LINK:
        target = blob.read()
        validate_file(file.path, LINK, target, where)
        os.symlink(target, os.fsencode(name), dir_fd=folder)
        return
    validate_file(file.path, file.entry.mode, blob.start(), where)
    with open(os.open(name, _NEW_FILE, 0o600, dir_fd=folder), "wb") as out:  # noqa: PTH123 - a descriptor
        out.writelines(blob.pieces())
        out.flush()
        os.fchmod(out.fileno(), 0o755 if file.entry.mode & 0o100 else 0o644)
        os.utime(out.fileno(), (mtime_of(file.entry.id),) * 2)


@contextmanager
def _name_errors(path: str, where: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _TAKEN:
            raise
        raise TandemError(
            f"{printable(path)}{where} cannot be written: another file of the commit has this name",
            hint="rename one of them with `git mv`, then commit and push",
        ) from error


def _warn_of_clashes(files: Iterable[ListedFile]) -> None:
    names = defaultdict[str, set[str]](set)
    for file in files:
        path = file.path
        while path:
            folder, _, name = path.rpartition("/")
            if name in names[folder]:
                break
            names[folder].add(name)
            path = folder
    for folder in sorted(names):
        for pair in clashes(names[folder]):
            one, other = map(printable, pair)
            console.info(
                f"warning: {printable(folder) or '.'} has both {one} and {other}:"
                " some file systems treat them as one",
                style="yellow",
            )
