"""Run a container once, apart from everything else, and report how it ended."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound
from requests.exceptions import RequestException

from pipeline.core.errors import TandemError

DockerClient = docker.DockerClient
_MEMORY, _PROCESSES = "2g", 512
"""What the container may take of this machine: its code is a stranger's."""
_LAST_LINES = 5


@dataclass(frozen=True)
class ContainerProcess:
    """What runs in a container, as whom and where; empty values are the image's own."""

    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    user: str = ""
    folder: str = ""
    environment: tuple[str, ...] = ()
    read_only: bool = False


@dataclass(frozen=True)
class ContainerEnd:
    """How a container ended."""

    exit_code: int | None
    """None if it did not start, or did not end in time."""
    start_error: str = ""
    last_lines: tuple[str, ...] = ()
    """Of its output, without empty lines."""


def run_once(
    client: DockerClient,
    image: str,
    process: ContainerProcess,
    *,
    seconds: float,
    labels: Mapping[str, str],
) -> ContainerEnd:
    """Run `process` in `image` without network or privileges; wait for its end for at most `seconds`.

    The container and its volumes are gone afterwards.

    Raises:
        TandemError: Docker does not answer, or cannot create the container.
    """
    with _docker_errors(), _created(client, image, process, labels) as container:
        try:
            container.start()
        except APIError as error:
            return ContainerEnd(None, start_error=str(error.explanation))
        try:
            exit_code = int(container.wait(timeout=seconds)["StatusCode"])
        except RequestException:
            return ContainerEnd(None)
        lines = container.logs(tail=_LAST_LINES).decode(errors="replace").split("\n")
        return ContainerEnd(exit_code, "", tuple(line.strip() for line in lines if line.strip()))


def find_image(client: DockerClient, names: Iterable[str]) -> str:
    """The id of the first of `names` that Docker holds; empty if it holds none.

    Raises:
        TandemError: Docker does not answer.
    """
    with _docker_errors():
        for name in names:
            try:
                return str(client.images.get(name).id)
            except ImageNotFound:
                continue
    return ""


@contextmanager
def _created(
    client: DockerClient, image: str, process: ContainerProcess, labels: Mapping[str, str]
) -> Iterator[Any]:
    containers: Any = client.containers  # its stubs know neither lists nor labels of this kind
    container = containers.create(
        image,
        list(process.command),
        entrypoint=_unless_empty(process.entrypoint),
        user=process.user or None,
        working_dir=process.folder or None,
        environment=list(process.environment),
        read_only=process.read_only,
        network_mode="none",
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        mem_limit=_MEMORY,
        pids_limit=_PROCESSES,
        labels=dict(labels),
    )
    try:
        yield container
    finally:
        container.remove(v=True, force=True)


@contextmanager
def _docker_errors() -> Iterator[None]:
    try:
        yield
    except (DockerException, RequestException) as error:
        raise TandemError(str(error), hint="docker info") from error


def _unless_empty(words: Sequence[str]) -> list[str] | None:
    return list(words) or None
