"""Send commands to HAProxy's master process and, through it, to its workers."""

import csv
import socket
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.local.alb.sockets import connect
from pipeline.local.context import EARLIER_ALB_ROLE

_TIMEOUT = 5.0
_CHUNK = 65536
FRONTEND = "alb"
"""The frontend's name in HAProxy's configuration."""


def ask(master: Path, command: str) -> str:
    """Send one command and return the answer.

    Raises:
        TandemError: HAProxy does not answer.
    """
    try:
        with connect(master, socket.SOCK_STREAM, _TIMEOUT) as connection:
            connection.sendall(f"{command}\n".encode())
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(_CHUNK), b""))
    except OSError as error:
        raise TandemError(f"HAProxy does not answer at {master}: {error}") from error
    return answer.decode(errors="replace")


def workers(processes: str) -> tuple[list[int], list[int]]:
    """Process ids of the serving and of the old workers, from the answer to `show proc`."""
    sections: dict[str, list[int]] = {"# workers": [], "# old workers": []}
    section: list[int] = []
    for line in processes.splitlines():
        if line.startswith("#"):
            section = sections.get(line.strip(), [])
        elif line.strip():
            section.append(int(line.split()[0]))
    return sections["# workers"], sections["# old workers"]


def serving_workers(master: Path) -> list[int]:
    """Process ids of the workers with the present configuration."""
    return workers(ask(master, "show proc"))[0]


def old_workers(master: Path) -> list[int]:
    """Process ids of the workers with earlier configurations, which finish their connections."""
    return workers(ask(master, "show proc"))[1]


def is_idle(master: Path, worker: int) -> bool:
    """Whether the worker handles no request; clients may still be connected."""
    sessions = ask(master, f"@!{worker} show sess")
    # A worker that an earlier version configured has another frontend name.
    return not any(f"fe={name}" in sessions for name in (FRONTEND, EARLIER_ALB_ROLE))


def requests_in_progress(master: Path) -> Counter[tuple[str, str]]:
    """The requests in progress in the serving workers, by the names of backend and server."""
    counts = Counter[tuple[str, str]]()
    for worker in serving_workers(master):
        rows = ask(master, f"@!{worker} show stat -1 4 -1").removeprefix("# ").strip().splitlines()
        for row in csv.DictReader(rows):
            counts[row["pxname"], row["svname"]] += int(row["scur"]) + int(row["qcur"])
    return counts


def run_commands(master: Path, commands: Iterable[str]) -> list[str]:
    """Run the commands in the serving worker; its error messages."""
    lines = list(commands)
    return [
        problem
        for worker in serving_workers(master)
        for line in lines
        if (problem := _error(ask(master, f"@!{worker} {line}")))
    ]


def _error(answer: str) -> str:
    """The answer if it is an error; HAProxy answers a command with nothing or with the change."""
    text = answer.strip()
    return "" if not text or "changed from" in text or "no need to change" in text else text
