"""What a test starts: the unit suite has no processes and servers, as one costs more than most tests."""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any

PROCESS, SERVER, CONNECTION = "a process", "a server", "a connection"
_STARTS: dict[tuple[Any, str], str] = {
    (subprocess.Popen, "_execute_child"): PROCESS,
    (os, "posix_spawn"): PROCESS,
    (os, "fork"): PROCESS,
    (socket.socket, "bind"): SERVER,
    (socket.socket, "connect"): CONNECTION,
    (socket, "getaddrinfo"): CONNECTION,
}
_watched: list[set[str]] = []


@contextmanager
def watch_starts() -> Iterator[set[str]]:
    """Yield a set that gets what this process starts meanwhile, in whichever thread."""
    _listen()
    started: set[str] = set()
    _watched.append(started)
    try:
        yield started
    finally:
        _watched.pop()


@cache
def _listen() -> None:
    """From now on, note each start. An audit hook would hear of imports and open files, too: it is slow."""
    for (owner, name), what in _STARTS.items():
        setattr(owner, name, _noted(getattr(owner, name), what))


def _noted(function: Callable[..., Any], what: str) -> Callable[..., Any]:
    @wraps(function)
    def note(*args: Any, **kwargs: Any) -> Any:
        for started in _watched:
            started.add(what)
        return function(*args, **kwargs)

    return note
