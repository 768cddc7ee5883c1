"""The holder of the lock: a process on a machine, and whether it still runs."""

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pipeline.core.audit import author
from pipeline.core.json_text import typed

_GONE = "gone"


@dataclass(frozen=True)
class Holder:
    """The run that holds the lock. Times are seconds since the epoch, by the clock of its machine.

    `what` is the reason of the run, `process_began` the start of its process in kernel ticks. Each renewal
    adds one to `renewals`: other runs see that the holder lives without comparing clocks.
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
    renewals: int = 0

    @classmethod
    def load(cls, values: Mapping[str, Any]) -> Self:
        """Read a stored holder; KeyError, TypeError or ValueError if it is damaged."""
        return cls(**typed(cls, values))

    def __str__(self) -> str:
        """Author, host, process, reason and age of the lock, for people."""
        age = max(0, round(time.time() - self.since))
        return f"{self.who} on {self.host} (process {self.process}, {self.what}, for {age} s)"

    @property
    def seconds_since_renewal(self) -> float:
        """Seconds since the last renewal by the clocks of both machines: for people, never for a decision."""
        return max(0.0, time.time() - self.renewed)

    @property
    def is_dead(self) -> bool:
        """Whether the holder's process ran on this machine and has ended; False if that cannot be proved."""
        if self.machine != _machine():
            return False
        began = _start_of(self.process)
        return began == _GONE or bool(began and self.process_began and began != self.process_began)


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
    """Identifies this boot and the namespaces of process numbers and clocks; random if the kernel hides them.

    Without the latter, the same process would seem to have another start.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        numbers = Path("/proc/self/ns/pid").readlink()
        clocks = Path("/proc/self/ns/time")
        return f"{boot} {numbers} {clocks.readlink() if clocks.is_symlink() else ''}".rstrip()
    except OSError:
        return f"unknown {os.urandom(8).hex()}"


def _start_of(process: int) -> str:
    """The start of the process in kernel ticks, "gone" if it has ended, "" if that is not known.

    A process id may belong to a new process, so its number alone proves nothing.
    """
    try:
        # /proc may be that of another namespace, where the numbers belong to other processes.
        if Path("/proc/self").readlink() != Path(str(os.getpid())):
            return ""
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return _GONE if _has_ended(process) else ""
    except OSError:
        return ""
    fields = status.rpartition(")")[2].split()
    return _GONE if fields[0] in {"Z", "X"} else fields[19]


def _has_ended(process: int) -> bool:
    """Ask the kernel: with `hidepid`, /proc does not show processes of other users, but kill knows them."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
