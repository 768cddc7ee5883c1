"""Objects as files of one folder: writes are atomic and synced to disk."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.core.private_files import FOLDER_MODE
from pipeline.deploy.store.objects import Stored


@dataclass(frozen=True)
class FileObjects:
    """Objects below `root`, shared by all processes of this machine."""

    root: Path

    @property
    def place(self) -> str:
        return str(self.root.resolve())

    def read(self, key: str) -> Stored | None:
        with _explain_os_error(f"read {self.root / key}"):
            try:
                data = (self.root / key).read_bytes()
            except FileNotFoundError:
                return None
        return Stored(data, _tag(data))

    def create(self, key: str, data: bytes) -> bool:
        target = self.root / key
        with _explain_os_error(f"write {target}"), self._temporary_file(target, data) as temporary:
            try:
                # Unlike rename, link does not replace a file: of two processes only one succeeds.
                os.link(temporary, target)
            except FileExistsError:
                return False
            _sync_folder(target.parent)
        return True

    def replace(self, key: str, data: bytes, tag: str) -> bool:
        target = self.root / key
        with _explain_os_error(f"write {target}"), self._guard():
            stored = self.read(key)
            if stored is None or stored.tag != tag:
                return False
            with self._temporary_file(target, data) as temporary:
                temporary.replace(target)
                _sync_folder(target.parent)
        return True

    def keys(self, prefix: str) -> list[str]:
        folder = self.root / prefix.rpartition("/")[0]
        with _explain_os_error(f"list {folder}"):
            files = [file for file in folder.rglob("*") if file.is_file()]
        keys = (file.relative_to(self.root).as_posix() for file in files)
        return sorted(key for key in keys if key.startswith(prefix) and not key.endswith(".part"))

    def quick(self) -> "FileObjects":
        return self

    @contextmanager
    def _temporary_file(self, target: Path, data: bytes) -> Iterator[Path]:
        """A synced file with `data` beside `target`; deleted after the block unless the block renamed it."""
        _make_folder(target.parent)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Let one writer in at a time; the kernel frees the lock of a process that dies.

        Not filelock: it polls while it waits, and one acquisition takes 370 us instead of 20 us.
        """
        _make_folder(self.root)
        with (self.root / ".guard.part").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _tag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _make_folder(folder: Path) -> None:
    """Make the folder and those above it; a folder's own name is durable once the one above it is synced."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(FOLDER_MODE, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _explain_os_error(action: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TandemError(
            f"cannot {action}: {error.strerror or error}",
            hint="free some space or correct the folder's owner, then run the command again",
        ) from error
