"""Going back without losing what newer pages ask for: the older content, with the newer files kept."""

import json
from dataclasses import replace

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.values import ImageRef
from pipeline.deploy.manifest import Release
from pipeline.deploy.session import Session
from pipeline.images.fuse import fuse


def bridged(session: Session, target: Release) -> Release:
    """`target` with its static image built on the current one, whose files are kept as bridges.

    The very image of `target` where that cannot be done: its commit may be gone, and going back matters more.
    """
    current = session.store.current()
    if current is None or "static" not in current.images or "static" not in target.images:
        return target
    builder = session.builder()
    try:
        static = builder.image("static", target.commits, current.images["static"])
        changed = {"static": static}
        if "site" in target.images:
            changed["site"] = fuse(target.images["app"], static, builder.repositories["site"])
    except TandemError as error:
        console.info(f"pages of newer releases may miss files: {error.message}", style="yellow")
        return target
    return _with(target, changed)


def _with(release: Release, images: dict[str, ImageRef]) -> Release:
    """`release` with other images of the same names, in its task definition as well."""
    text = json.dumps(release.task_definition)
    for name, image in images.items():
        text = text.replace(str(release.images[name]), str(image))
    return replace(release, images={**release.images, **images}, task_definition=json.loads(text))
