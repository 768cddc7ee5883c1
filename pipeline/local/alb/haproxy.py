"""Start or adopt HAProxy's container, and check and load its configurations."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.types import LogConfig, Mount

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.private_files import private_folder
from pipeline.images.bases.provide import Bases
from pipeline.local.alb import haproxy_cli
from pipeline.local.alb.haproxy_config import PORT, SHARED
from pipeline.local.alb.sockets import MASTER
from pipeline.local.context import ALB_ROLE, EARLIER_ALB_ROLE, StackContext
from pipeline.local.waiting import wait_until

_NOBODY = 65534
_STARTED = 10.0
_GRACE = 3.0
_CONFIG = "haproxy.cfg"
_NEXT = "next.cfg"


class ConfigRefusedError(TandemError):
    """HAProxy refuses a configuration."""


class HAProxy:
    """One stack's HAProxy."""

    def __init__(self, context: StackContext, port: int | None = None, image: str = "") -> None:
        self.port = context.project.settings.local.port if port is None else port
        self.folder = shared_folder(context)
        self._context = context
        self._image = image
        self._container: Container | None = None
        self._old_since: dict[int, float] = {}

    def ensure(self, first: Callable[[], str]) -> bool:
        """Make sure that HAProxy runs; True if it has just been started or adopted.

        The configuration of an adopted container is unknown; a new container begins with `first()`.

        Raises:
            TandemError: HAProxy does not start, or its port is taken.
        """
        if self._container is not None and self._runs(self._container):
            return False
        self._container = self._adopted() or self._started(first())
        self._await(lambda: bool(haproxy_cli.serving_workers(self.folder / MASTER)), "HAProxy does not start")
        return True

    def load(self, text: str) -> None:
        """Reload HAProxy with this configuration; open connections stay open.

        Raises:
            RefusedError: HAProxy refuses the configuration and keeps the previous one.
            TandemError: HAProxy does not run, or does not reload.
        """
        container = self._running()
        (self.folder / _NEXT).write_text(text, encoding="utf-8")
        check: Any = container.exec_run(["haproxy", "-c", "-f", f"{SHARED}/{_NEXT}"])
        if check.exit_code:
            problem = check.output.decode(errors="replace").strip()
            raise ConfigRefusedError(f"HAProxy refuses the configuration, the one before stays: {problem}")
        before = haproxy_cli.serving_workers(self.folder / MASTER)
        self.save_config(text)
        container.kill("SIGUSR2")
        self._await(
            lambda: haproxy_cli.serving_workers(self.folder / MASTER) not in ([], before),
            "HAProxy does not reload",
        )

    def save_config(self, text: str) -> None:
        """Save the configuration with which HAProxy starts and reloads."""
        next_file = self.folder / _NEXT
        next_file.write_text(text, encoding="utf-8")
        next_file.replace(self.folder / _CONFIG)

    def run_commands(self, commands: list[str]) -> bool:
        """Run commands in the serving worker; False if it refuses one, so that a reload is needed."""
        problems = haproxy_cli.run_commands(self.folder / MASTER, commands)
        if problems:
            console.info(
                f"load balancer: HAProxy reloads because its worker refused a command: {'; '.join(problems)}"
            )
        return not problems

    def end_idle_workers(self) -> None:
        """End old workers without requests: each of their idle clients could send one more by the old rules.

        An idle client then opens a new connection.
        """
        now = time.monotonic()
        old = haproxy_cli.old_workers(self.folder / MASTER)
        self._old_since = {worker: self._old_since.get(worker, now) for worker in old}
        for worker, since in self._old_since.items():
            if now - since > _GRACE and haproxy_cli.is_idle(self.folder / MASTER, worker):
                self._running().exec_run(["sh", "-c", f"kill -TERM {worker}"])

    def requests_in_progress(self) -> Mapping[tuple[str, str], int] | None:
        """The number of requests by backend and server; None while an old worker may have some.

        Raises:
            TandemError: HAProxy does not answer.
        """
        if haproxy_cli.old_workers(self.folder / MASTER):
            return None
        return haproxy_cli.requests_in_progress(self.folder / MASTER)

    def remove(self) -> None:
        """Remove the container, if there is one."""
        self._container = None
        if container := self._find(ALB_ROLE):
            container.remove(force=True, v=True)

    def _running(self) -> Container:
        if self._container is None:
            raise TandemError("HAProxy does not run", hint="tandem up")
        return self._container

    def _runs(self, container: Container) -> bool:
        try:
            container.reload()
        except NotFound:
            return False
        return bool(container.status == "running")

    def _adopted(self) -> Container | None:
        """An earlier process's container, if it runs and has the right port; else it is removed."""
        container = self._find(ALB_ROLE) or self._find(EARLIER_ALB_ROLE)
        if container is None:
            return None
        bindings = (container.attrs["HostConfig"]["PortBindings"] or {}).get(f"{PORT}/tcp") or [{}]
        if container.status == "running" and bindings[0].get("HostPort") == str(self.port):
            if container.name != self._context.name(ALB_ROLE):
                container.rename(self._context.name(ALB_ROLE))
            return container
        container.remove(force=True, v=True)
        return None

    def _find(self, role: str) -> Container | None:
        try:
            return self._context.docker.containers.get(self._context.name(role))
        except NotFound:
            return None

    def _started(self, text: str) -> Container:
        self.save_config(text)
        context = self._context
        image = self._image or Bases.ensure(context.project, context.stack, names=("haproxy",))["haproxy"]
        try:
            return context.docker.containers.run(
                image,
                ["-W", "-db", "-S", f"{SHARED}/{MASTER},mode,600", "-f", f"{SHARED}/{_CONFIG}"],
                entrypoint=["haproxy"],
                name=context.name(ALB_ROLE),
                labels=context.labels(ALB_ROLE),
                network=context.network,
                ports={f"{PORT}/tcp": ("127.0.0.1", self.port)},
                mounts=[Mount(SHARED, str(self.folder), type="bind")],
                user=f"{_owner()}:{_owner()}",
                read_only=True,
                cap_drop=["ALL"],
                security_opt=["no-new-privileges"],
                log_config=LogConfig(config={"max-size": "10m", "max-file": "2"}),
                detach=True,
            )
        except APIError as error:
            self.remove()
            raise _start_error(error, self.port) from error

    def _await(self, is_done: Callable[[], bool], problem: str) -> None:
        def done_or_ended() -> bool:
            try:
                return is_done()
            except TandemError:
                return self._container is None or not self._runs(self._container)

        if (
            wait_until(done_or_ended, _STARTED, every=0.02)
            and self._container
            and self._runs(self._container)
        ):
            return
        log = self._container.logs(tail=5).decode(errors="replace").strip() if self._container else ""
        raise TandemError(f"{problem}: {log or 'its log is empty'}")


def shared_folder(context: StackContext) -> Path:
    """The folder shared with HAProxy, for configuration and sockets; created if it is missing.

    A container of an earlier version has the same folder mounted under its earlier name: it is renamed, since
    a bind mount follows the folder and not its name.
    """
    local = context.project.state.resolve() / "local"
    folder, earlier = local / ALB_ROLE, local / EARLIER_ALB_ROLE
    if earlier.is_dir() and not folder.exists():
        earlier.rename(folder)
    private_folder(folder)
    if os.getuid() == 0:
        os.chown(folder, _NOBODY, _NOBODY)
    return folder


def _owner() -> int:
    """User and group of HAProxy: the folder's owner, never root."""
    return os.getuid() or _NOBODY


def _start_error(error: APIError, port: int) -> TandemError:
    explanation = str(error.explanation or error)
    if "already allocated" in explanation or "address already in use" in explanation:
        return TandemError(
            f"port {port} of 127.0.0.1 is taken by another program",
            hint="free the port, or set local.port in tandem.toml",
        )
    return TandemError(f"Docker does not start HAProxy: {explanation}")
