"""Lambda's Runtime API for one container: hands it one job at a time and takes the answers.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import socketserver
import time
from collections.abc import Iterable
from contextlib import suppress
from threading import Condition, Thread

from pipeline.local.awslambda import http1
from pipeline.local.awslambda.invocation import Job, Outcome

# Lambda grants 100 bytes on top of 6 MiB.
_LIMIT = 6 * 1024 * 1024 + 100
_PREFIX = "/2018-06-01/runtime/"
_JSON = ("Content-Type", "application/json")


def failure(kind: str, message: str, **more: object) -> Outcome:
    """The outcome of a job that the function did not answer."""
    return Outcome(json.dumps({"errorType": kind, "errorMessage": message, **more}).encode(), "Unhandled")


class RuntimeApi:
    """The server's state, shared by the runtime's connection and the thread that invokes."""

    def __init__(self, host: str) -> None:
        self._changed = Condition()
        self._ready = False
        self._ended: Outcome | None = None
        self._job: Job | None = None
        self._given = False
        self._outcome: Outcome | None = None
        self._deadline = 0.0
        self._server = _Server((host, 0), _Connection)
        self._server.api = self
        Thread(target=self._server.serve_forever, args=(0.5,), name="runtime-api", daemon=True).start()

    @property
    def address(self) -> str:
        """For AWS_LAMBDA_RUNTIME_API."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    @property
    def alive(self) -> bool:
        return self._ended is None

    @property
    def current(self) -> str:
        """The id of the job that the runtime has."""
        return self._job.id if self._job and self._given else ""

    def wait_ready(self, seconds: float) -> Outcome | None:
        """None once the runtime asks for its first job, else why it never will."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._ended, seconds)
            if self._ready or self._ended:
                return self._ended
        return failure("Sandbox.Timedout", f"Init timed out after {seconds:.2f} seconds")

    def invoke(self, job: Job) -> Outcome | None:
        """The job's outcome; None if it took too long."""
        with self._changed:
            self._job, self._given, self._outcome = job, False, None
            self._deadline = time.time() + job.timeout
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._outcome or self._ended, job.timeout)
            return self._outcome or self._ended

    def end(self, outcome: Outcome) -> None:
        """The runtime is gone: what waits for it gets this."""
        with self._changed:
            self._ended = self._ended or outcome
            self._changed.notify_all()

    def close(self) -> None:
        self.end(failure("Runtime.ExitError", "the container was stopped"))
        Thread(target=self._stop, daemon=True).start()

    def _stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def next(self) -> tuple[Job, int] | None:
        """The next job and its deadline (ms since the epoch); None when there will be none."""
        with self._changed:
            self._ready = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: (self._job and not self._given) or self._ended)
            if self._ended or self._job is None:
                return None
            self._given = True
            return self._job, round(self._deadline * 1000)

    def answer(self, job: str, outcome: Outcome) -> bool:
        """Take the outcome of a job; False if it is not the one that runs."""
        with self._changed:
            if self._job is None or self._job.id != job or not self._given or self._outcome:
                return False
            self._outcome = outcome
            self._changed.notify_all()
            return True


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    api: RuntimeApi

    def handle_error(self, request: object, client_address: object) -> None:
        """A runtime that dies with its connection open says nothing that its exit does not say."""


class _Connection(socketserver.StreamRequestHandler):
    # Answers go out at once and in one piece: else each costs 40 ms of waiting.
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def handle(self) -> None:
        with suppress(OSError, ValueError):
            while request := self._read():
                status, headers, body = self._answer(request)
                if status:
                    http1.write(self.wfile, status, headers, body)

    def _read(self) -> http1.Request | None:
        try:
            return http1.read(self.rfile, _LIMIT)
        except http1.TooLargeError:
            self._too_large()
            return None

    def _too_large(self) -> None:
        outcome = failure(
            "Function.ResponseSizeTooLarge",
            f"Response payload size exceeded maximum allowed payload size ({_LIMIT} bytes).",
        )
        api = self.server.api
        if api.current:
            api.answer(api.current, outcome)
        http1.write(self.wfile, 413, [_JSON], outcome.payload)

    def _answer(self, request: http1.Request) -> tuple[int, Iterable[http1.Header], bytes]:
        match request.target.removeprefix(_PREFIX).split("/"):
            case ["invocation", "next"]:
                return self._next()
            case ["invocation", job, "response"]:
                return self._took(job, Outcome(request.body))
            case ["invocation", job, "error"]:
                return self._took(job, Outcome(request.body or b"{}", "Unhandled"))
            case ["init", "error"]:
                self.server.api.end(Outcome(request.body or b"{}", "Unhandled"))
                return 202, [_JSON], b'{"status":"OK"}'
        return 404, [_JSON], b'{"errorType":"UnknownPath"}'

    def _next(self) -> tuple[int, Iterable[http1.Header], bytes]:
        given = self.server.api.next()
        if given is None:
            return 0, [], b""
        job, deadline = given
        headers = [
            _JSON,
            ("Lambda-Runtime-Aws-Request-Id", job.id),
            ("Lambda-Runtime-Deadline-Ms", str(deadline)),
            ("Lambda-Runtime-Invoked-Function-Arn", job.arn),
            (
                "Lambda-Runtime-Trace-Id",
                f"Root=1-{deadline // 1000:08x}-{job.id.replace('-', '')[:24]};Sampled=0",
            ),
        ]
        return 200, headers, job.payload

    def _took(self, job: str, outcome: Outcome) -> tuple[int, Iterable[http1.Header], bytes]:
        if self.server.api.answer(job, outcome):
            return 202, [_JSON], b'{"status":"OK"}'
        return 400, [_JSON], b'{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}'
