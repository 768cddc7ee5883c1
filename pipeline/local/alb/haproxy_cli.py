"""Talk to HAProxy's master process: its workers, and commands to each of them."""

import socket
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
    """The answer to one command; TandemError if HAProxy does not answer."""
    try:
        with connect(master, socket.SOCK_STREAM, _TIMEOUT) as connection:
            connection.sendall(f"{command}\n".encode())
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(_CHUNK), b""))
    except OSError as error:
        raise TandemError(f"HAProxy does not answer at {master}: {error}") from error
    return answer.decode(errors="replace")


def workers(processes: str) -> tuple[list[int], list[int]]:
    """(serving, finishing): process ids out of `show proc`'s answer."""
    found: dict[str, list[int]] = {"# workers": [], "# old workers": []}
    section: list[int] = []
    for line in processes.splitlines():
        if line.startswith("#"):
            section = found.get(line.strip(), [])
        elif line.strip():
            section.append(int(line.split()[0]))
    return found["# workers"], found["# old workers"]


def serving(master: Path) -> list[int]:
    return workers(ask(master, "show proc"))[0]


def finishing(master: Path) -> list[int]:
    """Workers of configurations before: they end what they have."""
    return workers(ask(master, "show proc"))[1]


def idle(master: Path, worker: int) -> bool:
    """Whether the worker has no request, only clients that may send one."""
    sessions = ask(master, f"@!{worker} show sess")
    # A worker that an earlier version configured names its frontend otherwise.
    return not any(f"fe={name}" in sessions for name in (FRONTEND, EARLIER_ALB_ROLE))


def tell(master: Path, commands: Iterable[str]) -> list[str]:
    """Give the commands to the serving worker; what it objected."""
    lines = list(commands)
    return [
        said
        for worker in serving(master)
        for line in lines
        if (said := _objection(ask(master, f"@!{worker} {line}")))
    ]


def _objection(answer: str) -> str:
    """HAProxy answers nothing, or says what it changed."""
    said = answer.strip()
    return "" if not said or "changed from" in said or "no need to change" in said else said
