"""Unix sockets in the folder that HAProxy's container shares with the stack's server.

A socket's address holds 107 bytes and a project's path can be longer: the open folder has a short name.
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
    """A socket connected to `path`.

    Raises:
        OSError: nothing listens there.
    """
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
    """Bind the socket to `path`, and replace a socket file that an ended process left."""
    path.unlink(missing_ok=True)
    with _short(path) as address:
        listener.bind(address)
    # The folder's permissions decide who may connect.
    path.chmod(0o666)
