"""The whole of AWS on one machine, seen from outside: start it, stop it, ask how it is."""

import hashlib
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Self

import docker
import httpx
from docker.errors import APIError, DockerException

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import Project
from pipeline.images.bases.provide import Bases
from pipeline.local import cleanup, dockerd, registry, stack_status
from pipeline.local.context import LABEL
from pipeline.local.server_lock import ProcessLock, Served
from pipeline.local.stack_status import StackStatus

Progress = Callable[[str], None]
_HOST = "127.0.0.1"
_SERVE_SECONDS = 30.0
_POLL = 0.05


def docker_client(timeout: int = 600) -> docker.DockerClient:
    """Docker's client; TandemError if Docker does not answer. Copying content into a volume takes long."""
    try:
        client = docker.from_env(timeout=timeout, max_pool_size=64)
        client.ping()
    except DockerException as error:
        raise TandemError(f"Docker does not answer: {error}", hint="docker info") from error
    return client


@dataclass(frozen=True)
class Stack:
    """The local stack of one project folder."""

    project: Project

    @classmethod
    def of(cls, project: Project) -> Self:
        return cls(project)

    @property
    def id(self) -> str:
        """Short and stable for the project's folder; part of all names on Docker."""
        return hashlib.sha256(str(self.project.root.resolve()).encode()).hexdigest()[:8]

    @property
    def folder(self) -> Path:
        return self.project.state / "local"

    @property
    def network(self) -> str:
        return f"tandem-{self.id}"

    @property
    def lock(self) -> ProcessLock:
        return ProcessLock(self.folder / "serve.lock")

    @property
    def log(self) -> Path:
        return self.folder / "logs" / "serve.log"

    @property
    def url(self) -> str:
        """Where the edge answers."""
        return f"http://{_HOST}:{self.project.settings.local.port}"

    @property
    def registry_port(self) -> int:
        """Chosen once, and kept until the stack is stopped: image names contain it."""
        kept = self._ports()
        if "registry" not in kept:
            kept["registry"] = _free_port()
            self._keep(kept)
        return int(kept["registry"])

    @property
    def registry_host(self) -> str:
        return f"{_HOST}:{self.registry_port}"

    @property
    def control_port(self) -> int:
        """The control plane's port last time; 0 if any will do."""
        return int(self._ports().get("control", 0))

    def keep_control_port(self, port: int) -> None:
        self._keep({**self._ports(), "control": port})

    def start(self, progress: Progress = console.info) -> None:
        """Have everything up; what is up already is adopted."""
        self.ensure_control_plane(progress)
        self.ensure_docker_parts(progress)

    def ensure_control_plane(self, progress: Progress = console.info) -> Served:
        """Have the control plane answer: needs no Docker, takes about two seconds."""
        served = self.lock.holder()
        if served is None:
            progress("local AWS: starting")
            served = self._spawn()
            progress(f"local AWS: http://{_HOST}:{served.port}")
        return served

    def ensure_docker_parts(self, progress: Progress = console.info) -> None:
        """Have Docker, and on it the network and the registry."""
        dockerd.ensure(progress)
        client = docker_client()
        self._connect(client)
        if not registry.answers(self.registry_port):
            image = Bases.ensure(self.project, self.id, progress, ("registry",))["registry"]
            registry.run(client, self.id, image, self.registry_port)
            progress(f"registry: {self.registry_host}")

    def _connect(self, client: docker.DockerClient) -> None:
        if client.networks.list(names=[f"^{self.network}$"]):
            return
        labels = {f"{LABEL}.stack": self.id}
        try:
            # Docker would allow a second network of the same name.
            client.networks.create(self.network, driver="bridge", labels=labels, check_duplicate=True)
        except APIError as error:
            if error.status_code != httpx.codes.CONFLICT:
                raise TandemError(
                    f"Docker makes no network for the stack: {error.explanation}", hint="docker network prune"
                ) from error

    def stop(self, progress: Progress = console.info) -> None:
        """Remove all that this stack made: process, containers, volumes, network, images, state."""
        if self.lock.end():
            progress("local AWS: stopped")
        try:
            self._clear(docker_client(), progress)
        except TandemError as error:
            progress(f"nothing removed from Docker: {error.message}")
        dockerd.stop_if_started_here(progress)
        for name in ("stack.json", "status.json"):  # not the lock: another may be waiting for it
            (self.folder / name).unlink(missing_ok=True)

    def free_disk(self, images: Collection[str], progress: Progress = console.info) -> None:
        """Give back the disk that images took which the registry has no more."""
        client = docker_client()
        count = cleanup.remove_unused_images(client, images)
        freed = registry.collect(client, self.id, self.registry_port)
        progress(f"removed {count} images from Docker and {freed / 1e6:.1f} MB from the registry")

    def _clear(self, client: docker.DockerClient, progress: Progress) -> None:
        prefixes = [f"tandem-{self.id}/"]
        if "registry" in self._ports():
            prefixes.append(f"{self.registry_host}/")
        removed = {
            "containers": cleanup.remove_containers(client, self.id),
            "volumes": cleanup.remove_volumes(client, self.id),
            "networks": cleanup.remove_networks(client, self.id),
            "images": cleanup.remove_images(client, prefixes),
        }
        if any(removed.values()):
            progress("removed " + ", ".join(f"{count} {what}" for what, count in removed.items() if count))

    def status(self) -> StackStatus:
        """What runs now; `running` is false when the stack's process is not there."""
        served = self.lock.holder()
        found = stack_status.read(self.folder / "status.json")
        if served is None:
            return StackStatus(self.id)
        live = found or StackStatus(self.id, running=True)
        return replace(live, endpoint=f"http://{_HOST}:{served.port}")

    def environ(self) -> dict[str, str]:
        """The variables that lead Terraform and boto3 here; TandemError while the stack is down.

        Without them a command that means the local stack could reach a real account.
        """
        from pipeline.local.moto.control_plane import client_environment  # noqa: PLC0415 - slow: it imports moto

        served = self.lock.holder()
        if served is None:
            raise TandemError("the local stack is not running", hint="tandem up")
        return client_environment(served.port)

    def _spawn(self) -> Served:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "pipeline.local.server",
            "--project",
            str(self.project.root.resolve()),
        ]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = monotonic() + _SERVE_SECONDS
        while (served := self.lock.holder()) is None:
            if (process.poll() is not None and not self.lock.taken()) or monotonic() > until:
                raise TandemError(
                    f"the local AWS did not start: {self._last_words()}", hint=f"less {self.log}"
                )
            sleep(_POLL)
        return served

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def _ports(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            kept: dict[str, Any] = json.loads((self.folder / "stack.json").read_text(encoding="utf-8"))
            return kept
        return {}

    def _keep(self, ports: dict[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "stack.json").write_text(json.dumps(ports), encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])
