"""A company's proxy gets its own password, and no message shows it."""

import socket
import threading

import pytest

from pipeline.core.errors import TandemError
from pipeline.registry.transport import Transport


@pytest.fixture
def proxy():
    """The address of a proxy that refuses every connection, and what it was asked."""
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(4096).decode())
                    connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", asked
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("user", "header"),
    [
        ("ci:w%40rd@", "Proxy-Authorization: Basic Y2k6d0ByZA=="),
        ("ci@", "Proxy-Authorization: Basic Y2k6"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_proxy_gets_the_login_of_its_address(proxy, monkeypatch, user, header, scheme):
    address, asked = proxy
    monkeypatch.setenv("https_proxy", f"{scheme}{user}{address}")
    with pytest.raises(TandemError) as error:
        Transport("registry.example").request("GET", "/v2/", attempts=1)
    assert "w@rd" not in error.value.message
    assert asked[0].startswith("CONNECT registry.example:443 ")
    assert header in asked[0]
    assert ("Proxy-Authorization" in asked[0]) == bool(user)


@pytest.mark.parametrize(
    "address",
    [
        "http://ci:SECRET@h:99999",
        "http://ci:SECRET/x@h:1",
        "http://[SECRET",
        "socks5://ci:SECRET@h",
        "http://",
    ],
)
def test_a_proxy_that_is_none_is_told_without_its_password(monkeypatch, address):
    monkeypatch.setenv("https_proxy", address)
    with pytest.raises(TandemError, match="HTTPS_PROXY is not the address of an HTTP proxy") as error:
        Transport("registry.example")
    assert error.value.__context__ is None
    assert "SECRET" not in f"{error.value.message} {error.value.hint}"
