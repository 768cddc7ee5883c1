"""Images for another processor than Docker's own: they can be built where Docker runs them, emulated."""

import docker
from docker.errors import DockerException

from pipeline.build.bases import Bases
from pipeline.errors import TandemError
from pipeline.settings import Project

ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}
"""ECS's name for a processor, and Docker's."""


def platform(project: Project, client: docker.DockerClient) -> str | None:
    """What images are to be built for; None if that is Docker's own."""
    wanted = ARCHITECTURES[project.settings.task.architecture]
    return None if wanted == client.version().get("Arch") else f"linux/{wanted}"


def require(project: Project, client: docker.DockerClient, stack: str) -> None:
    """TandemError, before anything changes, where Docker cannot run what the images are to be made of."""
    if platform(project, client) is None:
        return
    name = project.settings.task.architecture
    wanted = ARCHITECTURES[name]
    base = Bases.ensure(project, stack, names=("busybox",), architecture=wanted)["busybox"]
    try:
        client.containers.run(base, ["true"], entrypoint=[], network_mode="none", remove=True)
    except DockerException as error:
        raise TandemError(
            f"images for {name} cannot be built here: Docker runs {client.version().get('Arch')} "
            f"and emulates no {wanted}",
            mend=f'build on a machine of that kind, register an emulator ("docker run --privileged --rm '
            f'tonistiigi/binfmt --install {wanted}"), or change task.architecture in tandem.toml',
        ) from error
