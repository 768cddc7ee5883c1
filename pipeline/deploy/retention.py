"""Protect the images of a release from the registry's lifecycle rules."""

from pipeline.deploy.manifest import Release
from pipeline.registry import connect


def keep_images(release: Release) -> None:
    """Tag the images `release-N`: lifecycle rules never delete these. TandemError if the registry refuses."""
    for image in sorted(set(release.images.values())):
        connect(image.host).tag(image, f"release-{release.number}")
