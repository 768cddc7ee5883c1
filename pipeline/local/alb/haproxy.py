"""HAProxy's container: start or adopt it, check and load configurations."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.types import LogConfig, Mount

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.images.bases.provide import Bases
from pipeline.local.alb import haproxy_cli as master
from pipeline.local.alb.haproxy_config import PORT, SHARED
from pipeline.local.alb.sockets import MASTER
from pipeline.local.context import ALB_ROLE, EARLIER_ALB_ROLE, StackContext

_NOBODY = 65534
_STARTED = 10.0
_GRACE = 3.0
_CONFIG = "haproxy.cfg"
_NEXT = "next.cfg"


class RefusedError(TandemError):
    """HAProxy does not take a configuration."""


class Proxy:
    """One stack's HAProxy."""

    def __init__(self, context: StackContext, port: int | None = None, image: str = "") -> None:
        self.port = context.project.settings.local.port if port is None else port
        self.folder = shared_folder(context)
        self._context = context
        self._image = image
        self._container: Container | None = None
        self._old: dict[int, float] = {}

    def ensure(self, first: Callable[[], str]) -> bool:
        """Have it running; True if it was started or adopted just now, and its configuration is unknown.

        A new container begins with the configuration that `first` gives.
        """
        if self._container is not None and self._runs(self._container):
            return False
        self._container = self._adopted() or self._started(first())
        self._await(lambda: bool(master.serving(self.folder / MASTER)), "HAProxy does not start")
        return True

    def load(self, text: str) -> None:
        """Reload with this configuration and close no connection; RefusedError keeps the one before."""
        container = self._running()
        (self.folder / _NEXT).write_text(text, encoding="utf-8")
        checked: Any = container.exec_run(["haproxy", "-c", "-f", f"{SHARED}/{_NEXT}"])
        if checked.exit_code:
            said = checked.output.decode(errors="replace").strip()
            raise RefusedError(f"HAProxy refuses the configuration, the one before stays: {said}")
        before = master.serving(self.folder / MASTER)
        self.keep(text)
        container.kill("SIGUSR2")
        self._await(
            lambda: master.serving(self.folder / MASTER) not in ([], before), "HAProxy does not reload"
        )

    def keep(self, text: str) -> None:
        """What a restarted HAProxy shall begin with."""
        next_file = self.folder / _NEXT
        next_file.write_text(text, encoding="utf-8")
        next_file.replace(self.folder / _CONFIG)

    def tell(self, commands: list[str]) -> bool:
        """Change the serving worker; False if it objects, and only a reload helps."""
        said = master.tell(self.folder / MASTER, commands)
        if said:
            console.info(
                f"load balancer: HAProxy reloads because its worker refused a command: {'; '.join(said)}"
            )
        return not said

    def retire(self) -> None:
        """End old workers that only hold idle clients: they would serve one more request each by old rules.

        Busy clients have moved by then; an idle one opens another connection.
        """
        now = time.monotonic()
        old = master.finishing(self.folder / MASTER)
        self._old = {worker: self._old.get(worker, now) for worker in old}
        for worker, since in self._old.items():
            if now - since > _GRACE and master.idle(self.folder / MASTER, worker):
                self._running().exec_run(["sh", "-c", f"kill -TERM {worker}"])

    def remove(self) -> None:
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
        """The container that an earlier process left, if it is still the right one."""
        container = self._find(ALB_ROLE) or self._find(EARLIER_ALB_ROLE)
        if container is None:
            return None
        bound = (container.attrs["HostConfig"]["PortBindings"] or {}).get(f"{PORT}/tcp") or [{}]
        if container.status == "running" and bound[0].get("HostPort") == str(self.port):
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
        self.keep(text)
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
            raise _why(error, self.port) from error

    def _await(self, done: Callable[[], bool], problem: str) -> None:
        until = time.monotonic() + _STARTED
        while time.monotonic() < until:
            try:
                if done():
                    return
            except TandemError:
                if self._container is None or not self._runs(self._container):
                    break
            time.sleep(0.02)
        log = self._container.logs(tail=5).decode(errors="replace").strip() if self._container else ""
        raise TandemError(f"{problem}: {log or 'no word from it'}")


def shared_folder(context: StackContext) -> Path:
    """The folder shared with HAProxy: configuration and sockets; made where it is missing.

    A container of an earlier version has the same folder mounted under its earlier name: it is renamed, since
    a bind mount follows the folder and not its name.
    """
    local = context.project.state.resolve() / "local"
    folder, earlier = local / ALB_ROLE, local / EARLIER_ALB_ROLE
    if earlier.is_dir() and not folder.exists():
        earlier.rename(folder)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if os.getuid() == 0:
        os.chown(folder, _NOBODY, _NOBODY)
    return folder


def _owner() -> int:
    """HAProxy never runs as root; the folder's owner is the one who may write there."""
    return os.getuid() or _NOBODY


def _why(error: APIError, port: int) -> TandemError:
    said = str(error.explanation or error)
    if "already allocated" in said or "address already in use" in said:
        return TandemError(
            f"port {port} of 127.0.0.1 is taken by another program",
            hint="free the port, or set local.port in tandem.toml",
        )
    return TandemError(f"Docker does not start HAProxy: {said}")
