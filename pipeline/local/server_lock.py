"""The stack's one process: a lock says that it lives, the lock's file who it is."""

import fcntl
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import IO

_PATIENCE = 20.0
_POLL = 0.05
_ASKERS_HOLD = 0.5  # a process that only asks holds the lock for an instant; try for longer than that


@dataclass(frozen=True)
class Served:
    """Who holds the lock, and on which port its control plane answers."""

    pid: int
    port: int


@dataclass(frozen=True)
class ProcessLock:
    """The lock file of one stack's process. The kernel drops the lock with the process, however it ends."""

    file: Path

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the lock; False if another process does."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a+") as handle:
            if not _locked(handle):
                yield False
                return
            handle.truncate(0)  # what an earlier, killed process wrote
            yield True
            handle.truncate(0)

    def announce(self, port: int) -> None:
        """Say, while holding the lock, who holds it."""
        self.file.write_text(json.dumps({"pid": os.getpid(), "port": port}), encoding="utf-8")

    def taken(self) -> bool:
        """Whether some process holds the lock."""
        try:
            with self.file.open() as handle:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

    def holder(self) -> Served | None:
        """The process that holds the lock and has announced itself; never one that merely has its old id."""
        if not self.taken():
            return None
        try:
            said = json.loads(self.file.read_text(encoding="utf-8"))
            served = Served(said["pid"], said["port"])
        except (ValueError, KeyError):
            return None
        return served if self.taken() else None

    def end(self) -> bool:
        """End the holder, gently first; False if there was none."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            until = monotonic() + _PATIENCE
            while (served := self.holder()) is None and self.taken() and monotonic() < until:
                sleep(_POLL)  # it has just begun
            if served is None:
                return sign is signal.SIGKILL
            os.kill(served.pid, sign)
            while self.taken() and monotonic() < until:
                sleep(_POLL)
        return True


def _locked(handle: IO[str]) -> bool:
    until = monotonic() + _ASKERS_HOLD
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if monotonic() > until:
                return False
            sleep(_POLL / 5)
        else:
            return True
