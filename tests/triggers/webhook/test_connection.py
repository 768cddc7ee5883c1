"""Strangers who open connections and send next to nothing do not keep them."""

import socket
import threading
import time

import pytest
import uvicorn

from pipeline.triggers.webhook import app, connection
from tests.support.waiting import until
from tests.triggers.webhook.served import Webhook

pytestmark = pytest.mark.slow

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"


@pytest.fixture
def address(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "SECONDS", 0.4)
    monkeypatch.setattr(app, "_BODY_SECONDS", 0.8)
    server = uvicorn.Server(connection.server_config(Webhook(tmp_path).app))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        until(lambda: server.started)
        yield listener.getsockname()
        server.should_exit = True
        thread.join()


def all_of(client):
    client.settimeout(20)
    return b"".join(iter(lambda: client.recv(1 << 16), b""))


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"", b""),
        (b"POST / HT", b""),
        (b"POST / HTTP/1.1\r\nHost: x\r\nX: ", b""),
        (GET, b"HTTP/1.1 200"),
        (GET + b"GET /hea", b"HTTP/1.1 200"),
        (POST, b"HTTP/1.1 408"),
        (GET + POST, b"HTTP/1.1 200"),
    ],
)
def test_a_connection_ends_whatever_its_client_leaves_out(address, sent, answered):
    with socket.create_connection(address) as client:
        client.sendall(sent)
        assert all_of(client).startswith(answered)


def drip(client):
    for _ in range(200):
        client.sendall(b"G")
        time.sleep(0.05)


def test_a_byte_now_and_then_does_not_keep_it(address):
    with socket.create_connection(address) as client, pytest.raises(OSError, match=r"reset|[Bb]roken pipe"):
        drip(client)


def test_what_is_asked_in_time_is_answered(address):
    with socket.create_connection(address) as client:
        client.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert all_of(client).endswith(b'{"waiting":0}')
