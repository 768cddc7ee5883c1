"""Run the API's image as Lambda runs it, and answer requests with it as the load balancer does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any, cast
from uuid import uuid4

from docker import DockerClient
from docker.errors import APIError, DockerException, ImageNotFound
from docker.models.containers import Container
from requests.exceptions import RequestException

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.plain_text import plain
from pipeline.core.settings import ApiSettings
from pipeline.local.awslambda import function_container
from pipeline.local.awslambda.alb_events import HttpResponse
from pipeline.local.awslambda.alb_gateway import answer, error, payload
from pipeline.local.awslambda.http1 import HttpRequest
from pipeline.local.awslambda.invocation import FunctionVersion, InvocationRequest, InvocationResult
from pipeline.local.awslambda.runtime_api import RuntimeApi, failure
from pipeline.local.dev.site_containers import name_of

INIT_SECONDS = 10.0
_NAME, _REGION = "dev", "eu-central-1"
_LAST_LINES = 8


@dataclass
class Function:
    """The API in one container, which handles one request at a time; after a crash the next one starts it."""

    client: DockerClient
    image: str
    settings: ApiSettings
    network: str
    gateway: str
    """This machine's address on the network."""
    labels: Mapping[str, str]
    _lock: Lock = field(default_factory=Lock)
    _runtime: RuntimeApi | None = None
    _container: Container | None = None
    _closed: bool = False

    def start(self) -> None:
        """Start the container, and wait for its runtime.

        Raises:
            TandemError: it does not start; the message has its last lines.
        """
        with self._lock:
            self._start()

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The API's response to a request, or the load balancer's error page."""
        with self._lock:
            result = self._invoke(payload(request, _NAME, multi_value=False))
            if result.error:
                why = plain(result.payload.decode(errors="replace"))
                lines = _last_lines(self._container) if self._container else ""
                console.info(f"   api: {request.method} {request.target}: {why}{lines}", style="yellow")
        return answer(result, multi_value=False)

    def close(self) -> None:
        """End the container; requests that wait for it get an error."""
        self._closed = True
        if self._runtime:
            self._runtime.close()
        with self._lock:
            self._stop()

    def _invoke(self, event: bytes) -> InvocationResult:
        try:
            runtime = self._alive()
        except TandemError as reason:
            return failure("Runtime.StartError", reason.message)
        request = InvocationRequest(str(uuid4()), event, _NAME, self.settings.timeout)
        result = runtime.invoke(request)
        if result is None:
            self._stop()
            return failure("Sandbox.Timedout", f"Task timed out after {request.timeout:.2f} seconds")
        return result

    def _alive(self) -> RuntimeApi:
        if self._runtime and self._runtime.alive:
            return self._runtime
        self._stop()
        return self._start()

    def _start(self) -> RuntimeApi:
        if self._closed:
            raise TandemError("the API has ended")
        self._runtime = runtime = RuntimeApi(self.gateway)
        self._container = container = self._run(runtime.address)
        Thread(target=_follow, args=(container, runtime), name="dev-function", daemon=True).start()
        failed = runtime.wait_ready(INIT_SECONDS)
        if failed:
            lines = _last_lines(container)
            self._stop()
            why = failed.payload.decode(errors="replace")
            raise TandemError(f"the API does not start: {why}{lines}", hint="change it and save")
        return runtime

    def _run(self, address: str) -> Container:
        version = FunctionVersion(
            name=_NAME,
            number="1",
            arn=_NAME,
            image=self.image,
            memory=self.settings.memory,
            timeout=self.settings.timeout,
            command=(self.settings.handler,) if self.settings.handler else (),
        )
        containers: Any = self.client.containers
        try:
            return cast(
                "Container",
                containers.run(
                    self.image,
                    detach=True,
                    name=name_of(self.network, "api"),
                    labels=dict(self.labels),
                    network=self.network,
                    environment=self._environment(address),
                    **function_container.settings(version),
                ),
            )
        except (APIError, ImageNotFound) as refused:
            why = getattr(refused, "explanation", None) or refused
            raise TandemError(f"the API does not start: {why}", hint="docker ps -a") from refused

    def _environment(self, address: str) -> dict[str, str]:
        """The API's own variables and, over them, Lambda's; there is no role, so no keys."""
        return {
            **self.settings.environment,
            "TZ": ":UTC",
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_LAMBDA_FUNCTION_NAME": _NAME,
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.settings.memory),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_REGION": _REGION,
            "AWS_DEFAULT_REGION": _REGION,
            "LAMBDA_TASK_ROOT": "/var/task",
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
        }

    def _stop(self) -> None:
        if self._runtime:
            self._runtime.close()
        if self._container:
            function_container.remove(self._container)
        self._runtime = self._container = None


NO_FUNCTION = error(502)
"""What the load balancer answers while there is no API."""


def _follow(container: Container, runtime: RuntimeApi) -> None:
    """Tell the Runtime API when the container has ended."""
    try:
        code = int(container.wait()["StatusCode"])
    except (DockerException, RequestException):
        code = 137
    runtime.end(failure("Runtime.ExitError", f"Runtime exited with error: exit status {code}"))


def _last_lines(container: Container) -> str:
    try:
        text = plain(container.logs(tail=_LAST_LINES).decode(errors="replace")).strip()
    except (DockerException, RequestException):
        return ""
    return "".join(f"\n    {line}" for line in text.splitlines())
