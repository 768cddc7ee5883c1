"""Find the platform to build images for; one that is not Docker's own must be emulated."""

import docker
from docker.errors import DockerException

from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.images.bases.provide import Bases
from pipeline.images.docker import docker_architecture

ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}
"""ECS's name for a processor, and Docker's."""


def target_architecture(project: Project) -> str:
    """The processor of the tasks, in Docker's words."""
    return ARCHITECTURES[project.settings.task.architecture]


def require(project: Project, client: docker.DockerClient, stack: str) -> str | None:
    """The platform to build images for, such as linux/arm64; None if it is Docker's own.

    Raises:
        TandemError: Docker cannot run the base images of that platform.
    """
    own, other = docker_architecture(client), target_architecture(project)
    if own == other:
        return None
    name = project.settings.task.architecture
    try:
        base = Bases.ensure(project, stack, names=("busybox",), architecture=other)["busybox"]
    except TandemError as error:
        raise TandemError(
            f"images for {name} cannot be built here: {error.message}", hint=error.hint
        ) from error
    try:
        client.containers.run(base, ["true"], entrypoint=[], network_mode="none", remove=True)
    except DockerException as error:
        raise TandemError(
            f"images for {name} cannot be built here: Docker runs {own} and emulates no {other}",
            hint=f'build on a machine of that kind, register an emulator ("docker run --privileged --rm '
            f'tonistiigi/binfmt --install {other}"), or change task.architecture in tandem.toml',
        ) from error
    return f"linux/{other}"
