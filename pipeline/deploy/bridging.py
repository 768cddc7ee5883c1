"""Roll back the content, but keep the files that pages of newer releases load."""

import json
from dataclasses import replace

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.values import ImageRef
from pipeline.deploy.manifest import Release
from pipeline.deploy.session import Session


def with_bridges(session: Session, target: Release) -> Release:
    """`target` with a static image that also contains the newest files of the current one, as bridges.

    If that image cannot be built (the commit may be gone), `target` is returned unchanged.
    """
    current = session.store.current()
    if current is None or "static" not in current.images or "static" not in target.images:
        return target
    builder = session.builder()
    try:
        static = builder.image("static", target.commits, current.images["static"])
        images = {"static": static}
        if "site" in target.images:
            images["site"] = builder.fuse(target.images["app"], static)
    except TandemError as error:
        console.info(f"pages of newer releases may miss files: {error.message}", style="yellow")
        return target
    return _with_images(target, images)


def _with_images(release: Release, images: dict[str, ImageRef]) -> Release:
    """`release` with other images of the same names, also in its task definition."""
    text = json.dumps(release.task_definition)
    for name, image in images.items():
        text = text.replace(str(release.images[name]), str(image))
    return replace(release, images={**release.images, **images}, task_definition=json.loads(text))
