"""Lambda's Runtime API for one container: pass it one invocation at a time, and take the answers.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import socketserver
import time
from collections.abc import Iterable
from contextlib import suppress
from threading import Condition, Thread

from pipeline.local.awslambda import http1
from pipeline.local.awslambda.invocation import InvocationRequest, InvocationResult

# Lambda allows 100 bytes more than 6 MiB.
_LIMIT = 6 * 1024 * 1024 + 100
_PREFIX = "/2018-06-01/runtime/"
Answer = tuple[int, Iterable[http1.Header], bytes]
_JSON = ("Content-Type", "application/json")


def failure(kind: str, message: str, **more: object) -> InvocationResult:
    """The result of an invocation that the function did not answer."""
    return InvocationResult(
        json.dumps({"errorType": kind, "errorMessage": message, **more}).encode(), "Unhandled"
    )


class RuntimeApi:
    """The Runtime API server; its state is shared by the runtime's connection and the invoking thread."""

    def __init__(self, host: str) -> None:
        self._changed = Condition()
        self._ready = False
        self._ended: InvocationResult | None = None
        self._request: InvocationRequest | None = None
        self._delivered = False
        self._result: InvocationResult | None = None
        self._deadline = 0.0
        self._server = _RuntimeApiServer((host, 0), _RuntimeConnection)
        self._server.api = self
        Thread(target=self._server.serve_forever, args=(0.5,), name="runtime-api", daemon=True).start()

    @property
    def address(self) -> str:
        """The value of AWS_LAMBDA_RUNTIME_API."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    @property
    def alive(self) -> bool:
        return self._ended is None

    @property
    def current(self) -> str:
        """The id of the invocation that the runtime handles; empty without one."""
        return self._request.id if self._request and self._delivered else ""

    def wait_ready(self, seconds: float) -> InvocationResult | None:
        """Wait for the runtime's first request for an event; the result of a failed start."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._ended, seconds)
            if self._ready or self._ended:
                return self._ended
        return failure("Sandbox.Timedout", f"Init timed out after {seconds:.2f} seconds")

    def invoke(self, request: InvocationRequest) -> InvocationResult | None:
        """The invocation's result; None after its timeout."""
        with self._changed:
            self._request, self._delivered, self._result = request, False, None
            self._deadline = time.time() + request.timeout
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._result or self._ended, request.timeout)
            return self._result or self._ended

    def end(self, result: InvocationResult) -> None:
        """Give waiting threads this result: the runtime is gone."""
        with self._changed:
            self._ended = self._ended or result
            self._changed.notify_all()

    def close(self) -> None:
        """End the runtime's invocation, and stop the server in the background."""
        self.end(failure("Runtime.ExitError", "the container was stopped"))
        Thread(target=self._stop, daemon=True).start()

    def _stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def next(self) -> tuple[InvocationRequest, int] | None:
        """The next invocation and its deadline in ms since the epoch; None after the end."""
        with self._changed:
            self._ready = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: (self._request and not self._delivered) or self._ended)
            if self._ended or self._request is None:
                return None
            self._delivered = True
            return self._request, round(self._deadline * 1000)

    def answer(self, request_id: str, result: InvocationResult) -> bool:
        """Take an invocation's result; False if that invocation does not run."""
        with self._changed:
            if self._request is None or self._request.id != request_id or not self._delivered or self._result:
                return False
            self._result = result
            self._changed.notify_all()
            return True


class _RuntimeApiServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    api: RuntimeApi

    def handle_error(self, request: object, client_address: object) -> None:
        """Print no traceback: the container's exit code tells why its connection broke."""


class _RuntimeConnection(socketserver.StreamRequestHandler):
    # Write each answer at once and in one piece: a delayed acknowledgement costs 40 ms.
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _RuntimeApiServer

    def handle(self) -> None:
        with suppress(OSError, ValueError):
            while request := self._read():
                status, headers, body = self._answer(request)
                if status:
                    http1.write(self.wfile, status, headers, body)

    def _read(self) -> http1.HttpRequest | None:
        try:
            return http1.read(self.rfile, _LIMIT)
        except http1.TooLargeError:
            self._too_large()
            return None

    def _too_large(self) -> None:
        result = failure(
            "Function.ResponseSizeTooLarge",
            f"Response payload size exceeded maximum allowed payload size ({_LIMIT} bytes).",
        )
        api = self.server.api
        if api.current:
            api.answer(api.current, result)
        http1.write(self.wfile, 413, [_JSON], result.payload)

    def _answer(self, request: http1.HttpRequest) -> Answer:
        match request.target.removeprefix(_PREFIX).split("/"):
            case ["invocation", "next"]:
                return self._next()
            case ["invocation", request_id, "response"]:
                return self._take_result(request_id, InvocationResult(request.body))
            case ["invocation", request_id, "error"]:
                return self._take_result(request_id, InvocationResult(request.body or b"{}", "Unhandled"))
            case ["init", "error"]:
                self.server.api.end(InvocationResult(request.body or b"{}", "Unhandled"))
                return 202, [_JSON], b'{"status":"OK"}'
        return 404, [_JSON], b'{"errorType":"UnknownPath"}'

    def _next(self) -> Answer:
        upcoming = self.server.api.next()
        if upcoming is None:
            return 0, [], b""
        invocation, deadline = upcoming
        headers = [
            _JSON,
            ("Lambda-Runtime-Aws-Request-Id", invocation.id),
            ("Lambda-Runtime-Deadline-Ms", str(deadline)),
            ("Lambda-Runtime-Invoked-Function-Arn", invocation.arn),
            (
                "Lambda-Runtime-Trace-Id",
                f"Root=1-{deadline // 1000:08x}-{invocation.id.replace('-', '')[:24]};Sampled=0",
            ),
        ]
        return 200, headers, invocation.payload

    def _take_result(self, request_id: str, result: InvocationResult) -> Answer:
        if self.server.api.answer(request_id, result):
            return 202, [_JSON], b'{"status":"OK"}'
        return 400, [_JSON], b'{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}'
