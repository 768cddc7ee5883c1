"""Free TCP ports of the loopback interface."""

import socket


def free_port() -> int:
    """A port on which nothing listens now; another process may take it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
