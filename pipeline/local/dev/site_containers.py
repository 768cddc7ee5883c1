"""Start, watch and remove the containers of one site on Docker."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from docker import DockerClient
from docker.errors import APIError, DockerException, NotFound
from requests.exceptions import RequestException

from pipeline.core.errors import TandemError
from pipeline.core.interrupts import go_on
from pipeline.core.plain_text import plain
from pipeline.core.settings import Settings
from pipeline.local.dev.container_configs import Content, VolumeOf, app_config, static_config
from pipeline.local.waiting import wait_until

_HOST = "127.0.0.1"
_READY_SECONDS = 60.0
_LAST_LINES = 8
_GOOD = range(200, 400)
"""What the load balancer's health check takes."""


@dataclass(frozen=True)
class AppContainer:
    """A running app, and the port of this machine on which it answers."""

    id: str
    image: str
    port: int


@dataclass(frozen=True)
class SiteContainers:
    """Starts, inspects and removes the containers of one site."""

    client: DockerClient
    settings: Settings
    network: str
    labels: Mapping[str, str]

    def start_app(self, image: str, content: Content) -> AppContainer:
        """Start the app, and wait until it is healthy.

        Raises:
            TandemError: it does not start, ends, or does not become healthy; the message has its last lines.
        """
        port = f"{self.settings.task.port}/tcp"
        config = app_config(self.settings, image, content, self.labels, self._volumes(image))
        config["ExposedPorts"] = {port: {}}
        config["HostConfig"] |= {
            "NetworkMode": self.network,
            "PortBindings": {port: [{"HostIp": _HOST, "HostPort": ""}]},
        }
        container = self._start("app", config)
        try:
            bindings = self._inspect(container)["NetworkSettings"]["Ports"].get(port) or [{"HostPort": 0}]
            app = AppContainer(container, image, int(bindings[0]["HostPort"]))
            self._wait_healthy(app)
        except BaseException:
            self.remove(container)
            raise
        return app

    def fill_volume(self, image: str) -> VolumeOf:
        """Run the static image, whose content Docker copies into a volume; the container stays for it.

        Raises:
            TandemError: the image does not start, or does not end with 0.
        """
        container = self._start(
            "static", static_config(self.settings, image, self.labels, self._volumes(image))
        )
        with _errors():
            code = int(self._api.wait(container)["StatusCode"])
        if code:
            lines = self.last_lines(container)
            self.remove(container)
            raise TandemError(f"the static image ended with {code}, not with 0{lines}", hint="tandem verify")
        return VolumeOf(container, image)

    def problem(self, app: AppContainer) -> str:
        """Why the app does not run any more; empty while it runs."""
        try:
            state = self._api.inspect_container(app.id)["State"]
        except NotFound:
            return "its container was removed"
        except (DockerException, RequestException, OSError) as error:
            return f"Docker does not answer: {error}"
        return "" if state["Running"] else f"it ended with {state['ExitCode']}{self.last_lines(app.id)}"

    def last_lines(self, container: str) -> str:
        """The end of a container's output, for the end of a message."""
        try:
            text = self._api.logs(container, tail=_LAST_LINES).decode(errors="replace")
        except (DockerException, RequestException, OSError):
            return ""
        return "".join(f"\n    {line}" for line in plain(text).strip().splitlines())

    def remove(self, container: str) -> None:
        """Remove a container with its anonymous volumes; nothing happens if it is gone."""
        try:
            self._api.remove_container(container, v=True, force=True)
        except APIError as error:
            if error.status_code not in {404, 409}:  # gone, or on its way
                raise

    def _wait_healthy(self, app: AppContainer) -> None:
        path, seconds = self.settings.task.health_path, _READY_SECONDS + self.settings.task.grace_seconds
        problems: list[str] = []

        def settled() -> bool:
            go_on()
            problems[:] = [why] if (why := self.problem(app)) else []
            return bool(problems) or _is_good(f"http://{_HOST}:{app.port}{path}")

        if wait_until(settled, seconds, every=0.1) and not problems:
            return
        why = problems[0] if problems else f"{path} answered nothing good in {seconds:.0f} s"
        lines = "" if problems else self.last_lines(app.id)
        raise TandemError(f"the app does not become healthy: {why}{lines}", hint="change it and save")

    def _start(self, role: str, config: Mapping[str, Any]) -> str:
        with _errors():
            container = str(
                self._api.create_container_from_config(dict(config), name_of(self.network, role))["Id"]
            )
            try:
                self._api.start(container)
            except BaseException:
                self.remove(container)
                raise
        return container

    def _inspect(self, container: str) -> Any:  # noqa: ANN401 - Docker's JSON
        with _errors():
            return self._api.inspect_container(container)

    def _volumes(self, image: str) -> tuple[str, ...]:
        with _errors():
            return tuple((self._api.inspect_image(image)["Config"].get("Volumes") or {}).keys())

    @property
    def _api(self) -> Any:  # noqa: ANN401 - the stubs lack raw configurations
        return self.client.api


@contextmanager
def _errors() -> Iterator[None]:
    """Turn Docker's errors into TandemError."""
    try:
        yield
    except APIError as error:
        raise TandemError(
            f"Docker refuses the container: {error.explanation}", hint="docker ps -a"
        ) from error
    except (DockerException, RequestException, OSError) as error:
        raise TandemError(f"Docker does not answer: {error}", hint="docker info") from error


def name_of(network: str, role: str) -> str:
    """The name of a container: that of its site, what it is, and a part that differs."""
    return f"{network}-{role}-{uuid4().hex[:8]}"


def _is_good(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code in _GOOD
    except httpx.HTTPError:
        return False
