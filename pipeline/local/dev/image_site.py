"""Serve released or previewed images beside the stack, until a time has passed or Ctrl-C."""

import time
from collections.abc import Callable, Iterable, Mapping

from docker import DockerClient
from docker.errors import ImageNotFound

from pipeline.core import console
from pipeline.core.interrupts import interruptible
from pipeline.core.settings import Project
from pipeline.core.values import ImageRef, Layout
from pipeline.images.transfer import pull_image
from pipeline.local import cleanup
from pipeline.local.dev.dev_session import DevSession, dev_session
from pipeline.local.dev.site import Site
from pipeline.local.stack import Stack

_APP = {Layout.SIDECAR: "app", Layout.FUSED: "site", Layout.MONOLITH: "monolith"}
_LOOK_SECONDS = 0.5


def serve_images(
    project: Project,
    images: Mapping[str, ImageRef],
    port: int,
    seconds: float | None,
    ready: Callable[[str], None],
) -> None:
    """Serve a release's images, by name, for `seconds`, or until Ctrl-C; `ready` gets the URL.

    Raises:
        TandemError: an image cannot be pulled or does not run, another preview does, or the port is taken.
    """
    with dev_session(project, "preview", port) as session:
        site_images = _needed(project, images)
        new_images = _not_here(session, site_images.values())
        site = Site(session, project.settings)
        try:
            with interruptible():
                _start(site, {name: pull_image(session.client, image) for name, image in site_images.items()})
                ready(session.url)
                _wait(site, seconds)
        finally:
            site.close()
            cleanup.remove_containers(session.client, session.stack, [session.kind])
            cleanup.remove_unused_images(session.client, new_images)


def _needed(project: Project, images: Mapping[str, ImageRef]) -> dict[str, ImageRef]:
    layout = project.settings.task.layout
    names = {_APP[layout], *(["static"] if layout is Layout.SIDECAR else [])}
    return {name: image for name, image in images.items() if name in names or name == "api"}


def _not_here(session: DevSession, images: Iterable[ImageRef]) -> list[str]:
    """The images that a pull will add. Those of the stack's registry stay: a release may start with them."""
    stack = Stack.of(session.project)
    own = stack.registry_host if stack.ports.has_registry else ""  # asking for the port would choose one
    return [str(each) for each in images if each.host != own and not _has(session.client, each)]


def _has(client: DockerClient, image: ImageRef) -> bool:
    try:
        client.images.get(str(image))
    except ImageNotFound:
        return False
    return True


def _start(site: Site, images: Mapping[str, str]) -> None:
    content = site.fill_volume(images["static"]) if "static" in images else None
    app = next(images[name] for name in _APP.values() if name in images)
    site.use_app(app, content)
    if "api" in images:
        site.use_api(images["api"])


def _wait(site: Site, seconds: float | None) -> None:
    end = time.monotonic() + seconds if seconds is not None else None
    while end is None or time.monotonic() < end:
        time.sleep(_LOOK_SECONDS if end is None else min(_LOOK_SECONDS, max(end - time.monotonic(), 0)))
        if why := site.problem():
            console.info(f"   app: {why}", style="bold red")
