"""Unix sockets in the folder that HAProxy's container shares with us.

A socket's address holds 107 bytes and project folders can lie deep: hence the short name of an open folder.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FUNCTIONS = "functions.sock"
LOG = "log.sock"
MASTER = "master.sock"


@contextmanager
def _short(path: Path) -> Iterator[str]:
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def connect(path: Path, kind: socket.SocketKind, timeout: float) -> socket.socket:
    """A socket connected to `path`; OSError if nobody listens there."""
    connection = socket.socket(socket.AF_UNIX, kind)
    try:
        connection.settimeout(timeout)
        with _short(path) as address:
            connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def bind(listener: socket.socket, path: Path) -> None:
    """Listen at `path`, in place of a listener that left its socket behind."""
    path.unlink(missing_ok=True)
    with _short(path) as address:
        listener.bind(address)
    # Whoever may enter the folder may connect.
    path.chmod(0o666)
