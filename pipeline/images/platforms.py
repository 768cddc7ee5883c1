"""Images for another processor than Docker's own: they can be built where Docker runs them, emulated."""

import docker
from docker.errors import DockerException

from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.images.bases.provide import Bases
from pipeline.images.docker import docker_architecture

ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}
"""ECS's name for a processor, and Docker's."""


def wanted(project: Project) -> str:
    """The processor that images are to be for, as Docker names it."""
    return ARCHITECTURES[project.settings.task.architecture]


def require(project: Project, client: docker.DockerClient, stack: str) -> str | None:
    """The platform to build images for, such as linux/arm64; None if it is Docker's own.

    TandemError, before anything changes, where Docker cannot run what they are to be made of.
    """
    own, other = docker_architecture(client), wanted(project)
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
