"""One container of one function version: started, given one job at a time, ended when it misbehaves."""

import time
from dataclasses import replace
from threading import Thread
from typing import Any, cast

from docker.errors import DockerException
from docker.models.containers import Container
from requests.exceptions import RequestException

from pipeline.core.errors import TandemError
from pipeline.local.awslambda import function_container
from pipeline.local.awslambda.invocation import Job, Outcome, Version
from pipeline.local.awslambda.log_stream import Journal
from pipeline.local.awslambda.runtime_api import RuntimeApi, failure
from pipeline.local.context import StackContext

INIT_SECONDS = 10.0
_KILLED = 137


class Instance:
    """A running container and the Runtime API that feeds it."""

    def __init__(self, context: StackContext, version: Version) -> None:
        self.version = version
        self.idle_since = time.monotonic()
        self._context = context
        self._journal = Journal(context.account, context.region, version.log_group, version.number)
        self._api = RuntimeApi(context.gateway)
        self._container: Container | None = None

    @property
    def alive(self) -> bool:
        return self._api.alive

    def start(self) -> Outcome | None:
        """Start and wait until it takes jobs; else the outcome that says why it never will."""
        began = time.monotonic()
        variables = function_container.environment(
            self._context, self.version, self._api.address, self._journal.stream
        )
        try:
            self._container = function_container.start(self._context, self.version, variables)
        except TandemError as error:
            self.close()
            return failure("Runtime.StartError", str(error))
        Thread(target=self._follow, args=(self._container,), name="function-log", daemon=True).start()
        failed = self._api.wait_ready(INIT_SECONDS)
        took = (time.monotonic() - began) * 1000
        self._journal.line(f"INIT_START Runtime: image {self.version.image} Init Duration: {took:.2f} ms")
        if failed:
            self._journal.line(f"INIT_REPORT Status: error {failed.payload.decode(errors='replace')}")
            self.close()
            return replace(failed, version=self.version.number, log=self._journal.tail())
        return None

    def invoke(self, job: Job) -> Outcome:
        """Do one job; the container does not outlive one that took too long."""
        self._journal.line(f"START RequestId: {job.id} Version: {self.version.number}")
        began = time.monotonic()
        outcome = self._api.invoke(job)
        took = (time.monotonic() - began) * 1000
        if outcome is None:
            outcome = failure(
                "Sandbox.Timedout",
                f"RequestId: {job.id} Error: Task timed out after {job.timeout:.2f} seconds",
            )
            self._journal.line(f"{job.id} Task timed out after {job.timeout:.2f} seconds")
            self.close()
        self._journal.line(f"END RequestId: {job.id}")
        self._journal.line(
            f"REPORT RequestId: {job.id}\tDuration: {took:.2f} ms\tMemory Size: {self.version.memory} MB"
        )
        self.idle_since = time.monotonic()
        return replace(outcome, version=self.version.number, log=self._journal.tail())

    def close(self) -> None:
        self._api.close()
        if self._container is not None:
            container, self._container = self._container, None
            Thread(target=_removed, args=(container,), name="function-end", daemon=True).start()

    def _follow(self, container: Container) -> None:
        """Take the container's output until it ends, then say how it ended."""
        try:
            for chunk in cast("Any", container.logs(stream=True, follow=True)):
                self._journal.feed(chunk)
            code = int(container.wait()["StatusCode"])
            container.reload()
            out_of_memory = bool(container.attrs["State"]["OOMKilled"])
        except (DockerException, RequestException):
            code, out_of_memory = _KILLED, False
        self._api.end(_exit(code, out_of_memory=out_of_memory))
        self.close()


def _exit(code: int, *, out_of_memory: bool) -> Outcome:
    if out_of_memory:
        return failure("Runtime.OutOfMemory", "Runtime exited with error: signal: killed")
    return failure("Runtime.ExitError", f"Runtime exited with error: exit status {code}")


def _removed(container: Container) -> None:
    try:
        function_container.remove(container)
    except (DockerException, RequestException):
        # Docker itself is gone; its containers are swept at the next start.
        return
