"""Start and stop a project's local stack, and read its status, from any process."""

import hashlib
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import docker
from docker.errors import DockerException

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.images.bases.provide import Bases
from pipeline.local import cleanup, dockerd, networks, registry, stack_status
from pipeline.local.context import LABEL
from pipeline.local.server_lock import ProcessLock, ServerProcess
from pipeline.local.server_start import start_server
from pipeline.local.stack_keys import CredentialsFile
from pipeline.local.stack_ports import StackPorts
from pipeline.local.stack_status import StackStatus

Progress = Callable[[str], None]
_HOST = "127.0.0.1"


def docker_client(timeout: int = 600) -> docker.DockerClient:
    """A client of the Docker Engine; the timeout is long because filling a volume takes long.

    Raises:
        TandemError: Docker does not answer.
    """
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
        """A short id of the project's folder; part of all names on Docker."""
        return hashlib.sha256(str(self.project.root.resolve()).encode()).hexdigest()[:8]

    @property
    def small_id(self) -> str:
        """The id of the small stack that a measurement runs beside this one."""
        return f"{self.id}-start"

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
        """The load balancer's URL."""
        return f"http://{_HOST}:{self.project.settings.local.port}"

    @property
    def ports(self) -> StackPorts:
        return StackPorts(self.folder / "stack.json", self._find_registry_port)

    @property
    def credentials(self) -> CredentialsFile:
        return CredentialsFile(self.folder / "credentials")

    @property
    def registry_host(self) -> str:
        return f"{_HOST}:{self.ports.registry}"

    def _find_registry_port(self) -> int | None:
        """The port that the server process wrote down last, or on which the registry's container is."""
        status = stack_status.read(self.folder / "status.json")
        port = status.registry.rpartition(":")[2] if status else ""
        if port.isdecimal():
            return int(port)
        try:
            return registry.published_port(docker_client(), self.id)
        except TandemError:
            return None

    def start(self, progress: Progress = console.info) -> None:
        """Start the control plane and the Docker parts, unless they run.

        Raises:
            TandemError: one of them does not start.
        """
        self.ensure_control_plane(progress)
        self.ensure_docker_parts(progress)

    def ensure_control_plane(self, progress: Progress = console.info) -> ServerProcess:
        """Start the server process unless it runs; takes about two seconds and needs no Docker.

        Raises:
            TandemError: the server process does not start.
        """
        process = self.lock.holder()
        if process is None:
            progress("local AWS: starting")
            process = start_server(self._server_command(), self.lock, self.log)
            progress(f"local AWS: http://{_HOST}:{process.port}")
        return process

    def ensure_docker_parts(self, progress: Progress = console.info) -> None:
        """Start Docker, the stack's network and the registry, unless they are there.

        Raises:
            TandemError: one of them does not start.
        """
        dockerd.ensure(progress)
        client = docker_client()
        networks.ensure(client, self.network, {f"{LABEL}.stack": self.id})
        if not registry.answers(self.ports.registry):
            image = Bases.ensure(self.project, self.id, progress, ("registry",))["registry"]
            registry.ensure(client, self.id, image, self.ports.registry)
            progress(f"registry: {self.registry_host}")

    def stop(self, progress: Progress = console.info) -> None:
        """End the server process, and remove the stack's containers, volumes, network, images and state."""
        if self.lock.end():
            progress("local AWS: stopped")
        try:
            self._remove_docker_objects(docker_client(), progress)
        except TandemError as error:
            progress(f"nothing removed from Docker: {error.message}")
        dockerd.stop_if_started_here(progress)
        for name in (
            "stack.json",
            "status.json",
            "credentials",
        ):  # not the lock, for which another process may be waiting
            (self.folder / name).unlink(missing_ok=True)

    def free_disk(self, images: Collection[str], progress: Progress = console.info) -> None:
        """Remove these images from Docker, and unreferenced blobs from the registry."""
        client = docker_client()
        count = cleanup.remove_unused_images(client, images)
        freed_bytes = registry.collect_garbage(client, self.id, self.ports.registry)
        progress(f"removed {count} images from Docker and {freed_bytes / 1e6:.1f} MB from the registry")

    @contextmanager
    def temporary_registry(self) -> Iterator[str]:
        """A registry without content for measurements, removed after the block; yields its host.

        Raises:
            TandemError: Docker or the registry does not answer.
        """
        image = Bases.ensure(self.project, self.id, names=("registry",))["registry"]
        with registry.temporary(docker_client(), self.id, image) as host:
            yield host

    def remove_images(self, beginning: str) -> int:
        """Remove the stack's images whose names begin with that; how many names."""
        return cleanup.remove_images(docker_client(), [f"tandem-{self.id}/{beginning}"])

    def _remove_docker_objects(self, client: docker.DockerClient, progress: Progress) -> None:
        # What a measurement left that was killed.
        cleanup.remove_all(client, self.small_id)
        cleanup.remove_measured_images(client, self.id)
        prefixes = [f"tandem-{self.id}/"]
        if self.ports.has_registry:
            prefixes.append(f"{self.registry_host}/")
        counts = {
            "containers": cleanup.remove_containers(client, self.id),
            "volumes": cleanup.remove_volumes(client, self.id),
            "networks": cleanup.remove_networks(client, self.id),
            "images": cleanup.remove_images(client, prefixes),
        }
        if any(counts.values()):
            progress("removed " + ", ".join(f"{count} {kind}" for kind, count in counts.items() if count))
        for sentence in cleanup.explain_networks_left(client, self.id):
            progress(sentence)

    def status(self) -> StackStatus:
        """The status that the server process wrote last; `running` is false without a server process."""
        process = self.lock.holder()
        last_status = stack_status.read(self.folder / "status.json")
        if process is None:
            return StackStatus(self.id)
        status = last_status or StackStatus(self.id, running=True)
        return replace(status, endpoint=f"http://{_HOST}:{process.port}")

    def environ(self) -> dict[str, str]:
        """The environment variables that lead Terraform and boto3 to the local stack.

        Without them a command for the local stack could reach a real account.

        Raises:
            TandemError: the stack does not run, or its keys cannot be read.
        """
        from pipeline.local.moto.control_plane import client_environment  # noqa: PLC0415 - slow: it imports moto

        process = self.lock.holder()
        if process is None:
            raise TandemError("the local stack is not running", hint="tandem up")
        file = self.credentials
        return client_environment(process.port, file.read(), str(file.path.resolve()))

    def _server_command(self) -> list[str]:
        root = str(self.project.root.resolve())
        return [sys.executable, "-m", "pipeline.local.server", "--project", root]
