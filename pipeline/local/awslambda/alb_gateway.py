"""Serve the load balancer's requests to Lambda target groups on a Unix socket."""

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
from pipeline.local.awslambda import alb_events, http1
from pipeline.local.awslambda.alb_events import HttpResponse, MalformedAnswerError
from pipeline.local.awslambda.invocation import InvocationResult

_NO_BODY = frozenset({204, 304})
_SERVER = ("Server", "awselb/2.0")


class Gateway:
    """The server at the socket; `handle` answers one request to a target group, which it gets by ARN."""

    def __init__(self, path: Path, handle: Callable[[str, http1.HttpRequest], HttpResponse]) -> None:
        self._server = _GatewayServer(path, handle)
        Thread(target=self._server.serve_forever, args=(0.5,), name="function-gateway", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def error(status: int) -> HttpResponse:
    """The load balancer's own error page for one status."""
    return HttpResponse(
        status, (_SERVER, (OWN_HEADER, "1"), ("Content-Type", "text/html")), page(status).encode()
    )


def payload(request: http1.HttpRequest, group: str, *, multi_value: bool) -> bytes:
    """The ALB event for a request or a health check, as JSON."""
    event = alb_events.event(request, group, multi_value=multi_value)
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def answer(result: InvocationResult, *, multi_value: bool) -> HttpResponse:
    """The client's response for an invocation's result; 502 if the result is not a valid response."""
    if result.error or result.throttled:
        return error(502)
    try:
        response = alb_events.response(result.payload, multi_value=multi_value)
    except MalformedAnswerError as malformed:
        console.info(f"functions: the load balancer answers 502: {malformed}")
        return error(502)
    headers = tuple(header for header in response.headers if header[0].lower() != OWN_HEADER)
    has_server = any(name.lower() == "server" for name, _ in headers)
    return replace(response, headers=headers if has_server else (*headers, _SERVER))


class _GatewayServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, path: Path, handle: Callable[[str, http1.HttpRequest], HttpResponse]) -> None:
        self.handle = handle
        self._path = path
        super().__init__(str(path), _GatewayConnection)

    def server_bind(self) -> None:
        bind(self.socket, self._path)

    def handle_error(self, request: object, client_address: object) -> None:
        """Print no traceback: the client closed the connection."""


class _GatewayConnection(socketserver.StreamRequestHandler):
    wbufsize = -1
    server: _GatewayServer
    request: socket.socket

    def handle(self) -> None:
        with suppress(OSError, ValueError):
            while self._answer_one():
                pass

    def _answer_one(self) -> bool:
        """Answer one request; False at the connection's end."""
        try:
            request = http1.read(self.rfile, alb_events.LIMIT, self.wfile)
        except http1.TooLargeError:
            self._respond(error(413), head=False, more=(("Connection", "close"),))
            self._drain()
            return False
        if request is None:
            return False
        group = request.header(GROUP_HEADER)
        headers = tuple(header for header in request.headers if header[0] != GROUP_HEADER)
        plain = http1.HttpRequest(request.method, request.target, headers, request.body)
        self._respond(self.server.handle(group, plain), head=request.method == "HEAD")
        return True

    def _respond(self, response: HttpResponse, *, head: bool, more: tuple[http1.Header, ...] = ()) -> None:
        headers = (*response.headers, *more)
        if head or response.status in _NO_BODY:
            http1.write_head(self.wfile, response.status, headers, response.reason)
        else:
            http1.write(self.wfile, response.status, headers, response.body, reason=response.reason)

    def _drain(self) -> None:
        """Read the rest of the body: closing before its end would lose the answer."""
        self.request.settimeout(1.0)
        with suppress(OSError):
            self.request.shutdown(socket.SHUT_WR)
            while self.request.recv(1 << 16):
                pass
