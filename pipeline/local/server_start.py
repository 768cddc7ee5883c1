"""Start a stack's server process, and wait until it has announced itself."""

import subprocess
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.private_files import touch_private
from pipeline.local.server_lock import ProcessLock, ServerProcess
from pipeline.local.waiting import wait_until

START_SECONDS = 30.0
_STARTS = 3


def start_server(command: list[str], lock: ProcessLock, log: Path) -> ServerProcess:
    """Run `command` until it, or another process, has announced itself under `lock`; it appends to `log`.

    A process that finds the lock taken ends with 0. If the lock's holder ends as well, it is started again.

    Raises:
        TandemError: the process fails, or does not announce itself in time.
    """
    for _ in range(_STARTS):
        process = _launch(command, log)
        holder = _await_holder(process, lock)
        if holder is not None:
            return holder
        if process.poll() != 0:
            break
    raise TandemError(f"the local AWS did not start: {_reason(process, log)}", hint=f"less {log}")


def _launch(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    with touch_private(log).open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _await_holder(process: subprocess.Popen[bytes], lock: ProcessLock) -> ServerProcess | None:
    wait_until(lambda: lock.holder() or _ended(process, lock), START_SECONDS)
    return lock.holder()


def _ended(process: subprocess.Popen[bytes], lock: ProcessLock) -> bool:
    """Whether the process ended, and no other process holds the lock and may start in place of it."""
    return process.poll() is not None and not lock.is_held()


def _reason(process: subprocess.Popen[bytes], log: Path) -> str:
    if process.poll() is None:
        return f"process {process.pid} was not ready after {START_SECONDS:.0f} s"
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "its log is empty"
