"""One execution environment of a function version: its container and its Runtime API server."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any, cast

from docker.errors import DockerException
from docker.models.containers import Container
from requests.exceptions import RequestException

from pipeline.core.errors import TandemError
from pipeline.local.awslambda import function_container
from pipeline.local.awslambda.invocation import FunctionVersion, InvocationRequest, InvocationResult
from pipeline.local.awslambda.log_stream import LogStream
from pipeline.local.awslambda.runtime_api import RuntimeApi, failure
from pipeline.local.context import StackContext
from pipeline.local.moto.role_sessions import close_session, open_session

INIT_SECONDS = 10.0
_LAST_OUTPUT_SECONDS = 1.0
_SPARE = timedelta(minutes=30)
_KILLED = 137


class ExecutionEnvironment:
    """A running container that handles one invocation at a time; it ends after a timeout or a crash."""

    def __init__(self, context: StackContext, version: FunctionVersion) -> None:
        self.version = version
        self.idle_since = time.monotonic()
        self._context = context
        self._log_stream = LogStream(context.account, context.region, version.log_group, version.number)
        self._api = RuntimeApi(context.gateway)
        self._session = open_session(context.account, context.region, version.role, version.name)
        self._container: Container | None = None

    @property
    def alive(self) -> bool:
        """Whether it can handle an invocation; its role's keys do not expire meanwhile."""
        return self._api.alive and datetime.now(UTC) + _SPARE < self._session.expires

    def start(self) -> InvocationResult | None:
        """Start and wait for the runtime's first request for an event; the result of a failed start."""
        began = time.monotonic()
        variables = function_container.environment(
            self._context, self.version, self._session, self._api.address, self._log_stream.stream
        )
        try:
            self._container = function_container.start(self._context, self.version, variables)
        except TandemError as error:
            self.close()
            return failure("Runtime.StartError", str(error))
        follower = Thread(target=self._follow, args=(self._container,), name="function-log", daemon=True)
        follower.start()
        failed = self._api.wait_ready(INIT_SECONDS)
        took = (time.monotonic() - began) * 1000
        self._log_stream.line(f"INIT_START Runtime: image {self.version.image} Init Duration: {took:.2f} ms")
        if failed:
            follower.join(_LAST_OUTPUT_SECONDS)  # it ends with the container
            self._log_stream.line(f"INIT_REPORT Status: error {failed.payload.decode(errors='replace')}")
            self.close()
            return replace(failed, version=self.version.number, log=self._log_stream.tail())
        return None

    def invoke(self, request: InvocationRequest) -> InvocationResult:
        """Handle one invocation; a timeout closes the execution environment."""
        self._log_stream.line(f"START RequestId: {request.id} Version: {self.version.number}")
        began = time.monotonic()
        result = self._api.invoke(request)
        took = (time.monotonic() - began) * 1000
        if result is None:
            result = failure(
                "Sandbox.Timedout",
                f"RequestId: {request.id} Error: Task timed out after {request.timeout:.2f} seconds",
            )
            self._log_stream.line(f"{request.id} Task timed out after {request.timeout:.2f} seconds")
            self.close()
        time.sleep(request.output_seconds)
        self._log_stream.line(f"END RequestId: {request.id}")
        self._log_stream.line(
            f"REPORT RequestId: {request.id}\tDuration: {took:.2f} ms\tMemory Size: {self.version.memory} MB"
        )
        self.idle_since = time.monotonic()
        return replace(result, version=self.version.number, log=self._log_stream.tail())

    def close(self) -> None:
        """Stop the Runtime API and remove the container in the background."""
        self._api.close()
        close_session(self._context.account, self._session)
        if self._container is not None:
            container, self._container = self._container, None
            Thread(target=_remove, args=(container,), name="function-end", daemon=True).start()

    def _follow(self, container: Container) -> None:
        """Copy the container's output to the log stream until it exits, then record the exit."""
        try:
            for chunk in cast("Any", container.logs(stream=True, follow=True)):
                self._log_stream.feed(chunk)
            code = int(container.wait()["StatusCode"])
            container.reload()
            out_of_memory = bool(container.attrs["State"]["OOMKilled"])
        except (DockerException, RequestException):
            code, out_of_memory = _KILLED, False
        self._api.end(_exit_result(code, out_of_memory=out_of_memory))
        self.close()


def _exit_result(code: int, *, out_of_memory: bool) -> InvocationResult:
    if out_of_memory:
        return failure("Runtime.OutOfMemory", "Runtime exited with error: signal: killed")
    return failure("Runtime.ExitError", f"Runtime exited with error: exit status {code}")


def _remove(container: Container) -> None:
    try:
        function_container.remove(container)
    except (DockerException, RequestException):
        # Docker is gone; the next start removes its containers.
        return
