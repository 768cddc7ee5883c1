"""The usual tools that make an image of a folder: docker's two builders, and umoci with skopeo."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import docker

from tests.bench.measure import run, timed

BASE = "tandem-bench-base"
_DOCKER = (
    shutil.which("docker", path="/usr/bin") or "docker"
)  # Debian's client speaks BuildKit without a plugin
_DOCKERFILE = f'FROM {BASE}\nCOPY content /srv/static\nVOLUME /srv/static\nCMD ["/bin/busybox", "true"]\n'


class OtherTool(Protocol):
    """A tool that builds `folder`/content and pushes it; `go` returns the seconds of both."""

    name: str

    def go(self, folder: Path, number: int) -> tuple[float, float]: ...


@dataclass
class Docker:
    """`docker build` and `docker push`, with the classic builder or BuildKit."""

    name: str
    host: str
    buildkit: bool

    def go(self, folder: Path, number: int) -> tuple[float, float]:
        (folder / "Dockerfile").write_text(_DOCKERFILE)
        tag = f"{self.host}/bench/{self.name.replace(' ', '-').lower()}:{number}"
        mode = {"DOCKER_BUILDKIT": "1" if self.buildkit else "0"}
        with timed() as built:
            run(_DOCKER, "build", "-q", "-t", tag, folder, **mode)
        with timed() as pushed:
            run(_DOCKER, "push", "-q", tag)
        return built(), pushed()


@dataclass
class Umoci:
    """`umoci insert` into a layout that holds the base, then `skopeo copy` to the registry."""

    name: str
    host: str
    layout: Path

    def go(self, folder: Path, number: int) -> tuple[float, float]:
        image = f"{self.layout}:{number}"
        with timed() as built:
            run("umoci", "tag", "--image", f"{self.layout}:base", str(number))
            run("umoci", "insert", "--rootless", "--image", image, folder / "content", "/srv/static")
        target = f"docker://{self.host}/bench/umoci:{number}"
        with timed() as pushed:
            run("skopeo", "copy", "-q", "--dest-tls-verify=false", f"oci:{image}", target)
        return built(), pushed()


@contextmanager
def other_tools(host: str, folder: Path, busybox: Path) -> Iterator[list[OtherTool]]:
    """Prepare all tools; afterwards remove their images and caches from the Docker Engine."""
    client = docker.from_env(timeout=3600)
    caches = {cache["ID"] for cache in client.df()["BuildCache"] or []}
    client.images.build(path=str(_base(folder, busybox)), tag=BASE, rm=True)
    layout = folder / "layout"
    run("skopeo", "copy", "-q", f"docker-daemon:{BASE}:latest", f"oci:{layout}:base")
    try:
        yield [
            Docker("docker classic", host, buildkit=False),
            Docker("docker BuildKit", host, buildkit=True),
            Umoci("umoci + skopeo", host, layout),
        ]
    finally:
        forget(client, host, caches)
        client.images.remove(BASE, force=True)
        client.close()


def forget(client: docker.DockerClient, host: str, caches: set[str]) -> None:
    """Remove this run's images, and BuildKit's caches that are not in `caches`."""
    for image in client.images.list():
        for tag in image.tags:
            if tag.startswith(f"{host}/"):
                client.images.remove(tag, force=True)
    for cache in client.df()["BuildCache"] or []:
        if cache["ID"] not in caches:
            run(_DOCKER, "builder", "prune", "-af", "--filter", f"id={cache['ID']}")


def _base(folder: Path, busybox: Path) -> Path:
    context = folder / "base"
    context.mkdir(exist_ok=True)
    shutil.copy(busybox, context / "busybox")
    (context / "Dockerfile").write_text("FROM scratch\nCOPY busybox /bin/busybox\n")
    return context
