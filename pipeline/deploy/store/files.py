"""Objects as files of one folder: durable once written, whole or not there."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.deploy.store.objects import Stored


@dataclass(frozen=True)
class FileObjects:
    """Objects below `root`, shared by every process of this machine."""

    root: Path

    def read(self, key: str) -> Stored | None:
        with _told(f"read {self.root / key}"):
            try:
                data = (self.root / key).read_bytes()
            except FileNotFoundError:
                return None
        return Stored(data, _tag(data))

    def create(self, key: str, data: bytes) -> bool:
        target = self.root / key
        with _told(f"write {target}"), self._written(target, data) as temporary:
            try:
                # Unlike rename, link refuses to replace: the one winner of a race gets the name.
                os.link(temporary, target)
            except FileExistsError:
                return False
            _sync_folder(target.parent)
        return True

    def replace(self, key: str, data: bytes, tag: str) -> bool:
        target = self.root / key
        with _told(f"write {target}"), self._guard():
            found = self.read(key)
            if found is None or found.tag != tag:
                return False
            with self._written(target, data) as temporary:
                temporary.replace(target)
                _sync_folder(target.parent)
        return True

    def keys(self, prefix: str) -> list[str]:
        folder = self.root / prefix.rpartition("/")[0]
        with _told(f"list {folder}"):
            found = [file.relative_to(self.root).as_posix() for file in folder.rglob("*") if file.is_file()]
        return sorted(key for key in found if key.startswith(prefix) and not key.endswith(".part"))

    @contextmanager
    def _written(self, target: Path, data: bytes) -> Iterator[Path]:
        """A synced file with `data` beside `target`, gone afterwards unless it was renamed."""
        target.parent.mkdir(parents=True, exist_ok=True)
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
        """One writer at a time; the kernel lets go of it when a process dies."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".guard.part").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _tag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TandemError(
            f"cannot {what}: {error.strerror or error}",
            hint="free some space or correct the folder's owner, then run the command again",
        ) from error
