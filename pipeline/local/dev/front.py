"""The port of a site on this machine: requests go to the app or to the API, as behind the load balancer."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import Any, Protocol

import httpx
import uvicorn

from pipeline.core.errors import TandemError
from pipeline.core.settings import ApiSettings
from pipeline.local.alb.error_pages import page
from pipeline.local.awslambda.alb_events import LIMIT, HttpResponse
from pipeline.local.awslambda.http1 import HttpRequest

HOST = "127.0.0.1"
_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_TRIES = 20
_UNLIMITED = httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=5)
_HOP_BY_HOP = frozenset({
    *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"te", b"trailer"),
    *(b"transfer-encoding", b"upgrade"),
})  # fmt: skip

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]


class Api(Protocol):
    """What answers the API's requests."""

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The response to one request; may take as long as the function."""


@dataclass
class Targets:
    """Where requests go now; the site exchanges both as new ones become healthy."""

    app: int = 0
    """The app's port on this machine; 0 before there is one."""
    api: Api | None = None


class Front:
    """An ASGI application. A browser keeps nothing that it serves without asking: files change at any time.

    It answers to this machine's names only: a page of another site could otherwise reach it by a host name
    that leads here.
    """

    def __init__(self, settings: ApiSettings, targets: Targets) -> None:
        self._settings = settings
        self._targets = targets
        self._transport: httpx.AsyncHTTPTransport | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            await self._answer(scope, receive, send)
        except (httpx.HTTPError, OSError):
            with suppress(RuntimeError):  # the response has begun already
                await _respond(send, 502)

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        if not _is_here(scope["headers"]):
            await _respond(send, 403, b"this port answers to 127.0.0.1 and localhost only\n")
        elif self._is_api(scope):
            await self._call(scope, receive, send)
        elif not self._targets.app:
            await _respond(send, 503)
        else:
            await self._pass_on(scope, receive, send)

    def _is_api(self, scope: Message) -> bool:
        path, own = _raw_path(scope).decode("latin-1"), self._settings.path
        return self._settings.enabled and (path == own or path.startswith(f"{own.rstrip('/')}/"))

    async def _call(self, scope: Message, receive: Receive, send: Send) -> None:
        body = bytearray()
        async for piece in _body(receive):
            body += piece
            if len(body) > LIMIT:
                await _respond(send, 413)
                return
        api = self._targets.api
        if api is None:
            await _respond(send, 502)
            return
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in _forwarded(scope)]
        request = HttpRequest(scope["method"], _target(scope).decode("latin-1"), tuple(headers), bytes(body))
        response = await asyncio.to_thread(api.answer, request)
        answered = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        length = (b"content-length", str(len(response.body)).encode())
        await _start(send, response.status, [*answered, length])
        body_sent = b"" if scope["method"] == "HEAD" else response.body
        await send({"type": "http.response.body", "body": body_sent})

    async def _pass_on(self, scope: Message, receive: Receive, send: Send) -> None:
        self._transport = self._transport or httpx.AsyncHTTPTransport(limits=_UNLIMITED)
        has_body = any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])
        request = httpx.Request(
            scope["method"],
            f"http://{HOST}:{self._targets.app}",
            headers=_forwarded(scope),
            content=_body(receive) if has_body else b"",
            # As the target, the path stays as it is: in a URL, httpx would resolve its dots.
            extensions={"timeout": httpx.Timeout(60).as_dict(), "target": _target(scope)},
        )
        response = await self._transport.handle_async_request(request)
        try:
            await _start(send, response.status_code, _no_cache_headers(response.headers.raw))
            async for piece in response.aiter_raw():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await response.aclose()


class FrontServer:
    """Serves a front in a thread of its own until `close`."""

    def __init__(self, front: Front, listener: socket.socket) -> None:
        config = uvicorn.Config(
            front,
            access_log=False,
            log_level="error",
            server_header=False,
            date_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="dev-front", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """End it, with the requests that are under way."""
        self._server.should_exit = True
        self._thread.join(5)


def listen(port: int, first: int) -> socket.socket:
    """A socket on `port` of the loopback address; without a port, on the first free one from `first` on.

    Raises:
        TandemError: the port is taken.
    """
    candidates = [port] if port else [each for each in range(first, first + _TRIES) if each < 1 << 16] + [0]
    problem = ""
    for candidate in candidates:
        try:
            return socket.create_server((HOST, candidate), backlog=128)
        except OSError as error:
            problem = error.strerror or str(error)
    raise TandemError(f"cannot listen on {HOST}:{port}: {problem}", hint="choose another --port, or none")


def _is_here(headers: Headers) -> bool:
    host = next((value for name, value in headers if name == b"host"), b"").decode("latin-1").lower()
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    return name in _NAMES or name.endswith(".localhost")


def _raw_path(scope: Message) -> bytes:
    return bytes(scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0]


def _target(scope: Message) -> bytes:
    query = scope["query_string"]
    return _raw_path(scope) + (b"?" + query if query else b"")


def _forwarded(scope: Message) -> list[tuple[bytes, bytes]]:
    """The request's headers, and those that a load balancer adds."""
    port = str(scope["server"][1]).encode()
    client = scope["client"][0].encode() if scope.get("client") else HOST.encode()
    own = {b"x-forwarded-proto": b"http", b"x-forwarded-port": port}
    before = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    headers = [
        (name, value)
        for name, value in scope["headers"]
        if name not in _HOP_BY_HOP and name not in own and name != b"x-forwarded-for"
    ]
    return [*headers, *own.items(), (b"x-forwarded-for", b", ".join([*before, client]))]


def _no_cache_headers(headers: Headers) -> list[tuple[bytes, bytes]]:
    rest = [(name, value) for name, value in headers if name.lower() not in {*_HOP_BY_HOP, b"cache-control"}]
    return [*rest, (b"cache-control", b"no-cache")]


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def _start(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _respond(send: Send, status: int, text: bytes = b"") -> None:
    body = text or page(status).encode()
    kind = b"text/plain" if text else b"text/html"
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await _start(send, status, [*headers, (b"cache-control", b"no-store")])
    await send({"type": "http.response.body", "body": body})
