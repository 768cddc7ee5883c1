"""Compact the static image after a release, for faster later builds; a failure does not fail the release."""

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.steps import step
from pipeline.deploy.manifest import Release
from pipeline.images.static import compact_static, compaction_due


def compact_static_image(project: Project, release: Release, previous: Release | None) -> None:
    """Compact the static image of `release` if that pays and `previous` had another image."""
    image = release.images.get("static")
    if image is None or (previous and previous.images.get("static") == image):
        return
    try:
        reason = compaction_due(image)
        if reason:
            with step("compact", message=f"compacting the static image: {reason}"):
                compact_static(project, image)
    except TandemError as error:
        console.info(f"the static image was not compacted: {error.message}", style="yellow")
