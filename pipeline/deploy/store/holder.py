"""The holder of the lock: a process on a machine, and whether it still runs."""

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.audit import author


@dataclass(frozen=True)
class Holder:
    """The run that holds the lock. Times are seconds since the epoch, by the clock of its machine.

    `what` is the reason of the run, `process_began` the start of its process in kernel ticks.
    """

    who: str
    what: str
    host: str
    machine: str
    process: int
    process_began: str
    since: float
    renewed: float
    expires_after: float

    def __str__(self) -> str:
        """Author, host, process, reason and age of the lock, for people."""
        age = max(0, round(time.time() - self.since))
        return f"{self.who} on {self.host} (process {self.process}, {self.what}, for {age} s)"

    @property
    def seconds_since_renewal(self) -> float:
        """Seconds since the holder renewed the lock, by the clocks of both machines."""
        return time.time() - self.renewed

    @property
    def is_dead(self) -> bool:
        """Whether the holder's process ran on this machine and has ended."""
        return self.machine == _machine() and _start_of(self.process) != self.process_began


def this_process(what: str, expires_after: float) -> Holder:
    """This process as the holder of the lock from now on, for the reason `what`."""
    now, process = time.time(), os.getpid()
    return Holder(
        who=author(),
        what=what,
        host=socket.gethostname(),
        machine=_machine(),
        process=process,
        process_began=_start_of(process),
        since=now,
        renewed=now,
        expires_after=expires_after,
    )


def _machine() -> str:
    """Identifies this boot and its process namespace; random if the kernel does not tell."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return f"unknown {os.urandom(8).hex()}"


def _start_of(process: int) -> str:
    """The start of the process in kernel ticks, or "gone": a process id may belong to a new process."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "gone"
    fields = status.rpartition(")")[2].split()
    return "gone" if fields[0] in {"Z", "X"} else fields[19]
