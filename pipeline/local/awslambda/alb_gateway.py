"""The gateway between the load balancer and the functions: HTTP on one side, ALB events on the other."""

import json
import socket
import socketserver
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread

from pipeline.core import console
from pipeline.local.alb.error_pages import page
from pipeline.local.alb.haproxy_config import GROUP_HEADER, OWN_HEADER
from pipeline.local.alb.sockets import bind
from pipeline.local.awslambda import alb_events as events
from pipeline.local.awslambda import http1
from pipeline.local.awslambda.alb_events import MalformedError, Response
from pipeline.local.awslambda.invocation import Outcome

_NO_BODY = frozenset({204, 304})
_SERVER = ("Server", "awselb/2.0")


class Gateway:
    """Serves the load balancer at a socket; `handle` answers one request."""

    def __init__(self, path: Path, handle: Callable[[str, http1.Request], Response]) -> None:
        self._server = _Server(path, handle)
        Thread(target=self._server.serve_forever, args=(0.5,), name="function-gateway", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def error(status: int) -> Response:
    """The load balancer's own page for one status."""
    return Response(
        status, (_SERVER, (OWN_HEADER, "1"), ("Content-Type", "text/html")), page(status).encode()
    )


def payload(request: http1.Request, group: str, *, multi_value: bool) -> bytes:
    """The event for a request, health checks included, as JSON."""
    event = events.event(request, group, multi_value=multi_value)
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def answer(outcome: Outcome, *, multi_value: bool) -> Response:
    """What the client gets for a function's outcome; 502 for whatever is no response."""
    if outcome.error or outcome.throttled:
        return error(502)
    try:
        response = events.response(outcome.payload, multi_value=multi_value)
    except MalformedError as malformed:
        console.info(f"functions: 502 for the load balancer's client: {malformed}")
        return error(502)
    headers = tuple(header for header in response.headers if header[0].lower() != OWN_HEADER)
    named = any(name.lower() == "server" for name, _ in headers)
    return replace(response, headers=headers if named else (*headers, _SERVER))


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, path: Path, handle: Callable[[str, http1.Request], Response]) -> None:
        self.handle = handle
        self._path = path
        super().__init__(str(path), _Connection)

    def server_bind(self) -> None:
        bind(self.socket, self._path)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up needs no traceback."""


class _Connection(socketserver.StreamRequestHandler):
    wbufsize = -1
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        with suppress(OSError, ValueError):
            while self._one():
                pass

    def _one(self) -> bool:
        """Answer one request; False when the connection ends."""
        try:
            request = http1.read(self.rfile, events.LIMIT, self.wfile)
        except http1.TooLargeError:
            self._respond(error(413), head=False, more=(("Connection", "close"),))
            self._drain()
            return False
        if request is None:
            return False
        group = request.header(GROUP_HEADER)
        headers = tuple(header for header in request.headers if header[0] != GROUP_HEADER)
        plain = http1.Request(request.method, request.target, headers, request.body)
        self._respond(self.server.handle(group, plain), head=request.method == "HEAD")
        return True

    def _respond(self, response: Response, *, head: bool, more: tuple[http1.Header, ...] = ()) -> None:
        headers = (*response.headers, *more)
        if head or response.status in _NO_BODY:
            http1.write_head(self.wfile, response.status, headers, response.reason)
        else:
            http1.write(self.wfile, response.status, headers, response.body, reason=response.reason)

    def _drain(self) -> None:
        """Take the rest of a body: an answer before its end would be lost with the connection."""
        self.request.settimeout(1.0)
        with suppress(OSError):
            self.request.shutdown(socket.SHUT_WR)
            while self.request.recv(1 << 16):
                pass
