"""Lock of the stack's server process: the lock shows that it runs, the file's content which process it is.

It uses `flock` itself: filelock cannot ask with a shared lock whether a holder runs, nor does it promise to
leave alone the file's content, which names the holder.
"""

import fcntl
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipeline.core.json_text import parse_json, require_number
from pipeline.core.private_files import touch_private
from pipeline.local.waiting import wait_until

_PATIENCE = 20.0
_CHECK_SECONDS = 2.0  # `is_held` in another process holds the lock for a moment: try for longer


@dataclass(frozen=True)
class ServerProcess:
    """The process that holds the lock, and the port of its control plane."""

    pid: int
    port: int


@dataclass(frozen=True)
class ProcessLock:
    """The lock file of one stack's server. The kernel releases the lock when the process ends in any way."""

    file: Path

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the lock; False if another process holds it."""
        with touch_private(self.file).open("a+") as handle:
            if not _lock(handle):
                yield False
                return
            handle.truncate(0)  # an earlier, killed process may have left its announcement
            yield True
            handle.truncate(0)

    def announce(self, port: int) -> None:
        """Write this process's id and port into the file; the process must hold the lock."""
        self.file.write_text(json.dumps({"pid": os.getpid(), "port": port}), encoding="utf-8")

    def is_held(self) -> bool:
        """Whether a process holds the lock."""
        try:
            with self.file.open() as handle:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False

    def holder(self) -> ServerProcess | None:
        """The process that holds the lock and has announced itself; None without one."""
        if not self.is_held():
            return None
        try:
            announcement = parse_json(self.file.read_text(encoding="utf-8"))
            process = ServerProcess(require_number(announcement["pid"]), require_number(announcement["port"]))
        except (ValueError, KeyError, TypeError):
            return None
        # Checked again: the process may have ended, and its id may belong to another one.
        return process if self.is_held() else None

    def end(self) -> bool:
        """End the holder with SIGTERM, then with SIGKILL; False if there is none."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            # A process that has just started has not announced itself yet.
            wait_until(lambda: self.holder() or not self.is_held(), _PATIENCE)
            process = self.holder()
            if process is None:
                return number is signal.SIGKILL
            os.kill(process.pid, number)
            wait_until(lambda: not self.is_held(), _PATIENCE)
        return True


def _lock(handle: IO[str]) -> bool:
    return wait_until(lambda: _try_lock(handle), _CHECK_SECONDS, every=0.01)


def _try_lock(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
