"""Servers that keep to no protocol, and a limit on the memory of what talks to them."""

import socket
import threading
import tracemalloc
from contextlib import contextmanager


@contextmanager
def little_memory(most=12 << 20):
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def endless(head=b""):
    """A server that answers each request with `head`, then with zeros for ever."""

    def serve(connection):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        try:
            while True:
                connection.sendall(bytes(1 << 16))
        except OSError:
            connection.close()

    return raw(serve)


@contextmanager
def raw(serve):
    """A server that `serve` plays on each connection; yields its host."""
    server = socket.create_server(("127.0.0.1", 0))

    def accept():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
