"""Free TCP ports of the loopback interface."""

import random
import socket
from contextlib import suppress
from pathlib import Path

_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST, _USUAL_EPHEMERAL = 10_000, 32_768
_ATTEMPTS = 1000
_random = random.SystemRandom()  # Hypothesis gives all processes the same seed


def free_port() -> int:
    """A port on which nothing listens now, of those that no process gets without asking for it by number."""
    for _ in range(_ATTEMPTS):
        port = _random.randrange(_LOWEST, _first_ephemeral())
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("there is no free port")


def _first_ephemeral() -> int:
    """The first of the ports that connections get, which may take one before a test listens on it."""
    first = int(_EPHEMERAL.read_text().split()[0]) if _EPHEMERAL.exists() else 0
    return first if first > 2 * _LOWEST else _USUAL_EPHEMERAL
