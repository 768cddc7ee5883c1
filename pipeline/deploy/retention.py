"""Keep what a release names from the registry's lifecycle rules."""

from pipeline.deploy.manifest import Release
from pipeline.registry import connect


def keep_images(release: Release) -> None:
    """Tag what the release names: the registry's lifecycle rules never expire such images."""
    for image in sorted(set(release.images.values())):
        connect(image.host).tag(image, f"release-{release.number}")
