"""Protect the images of a release from the registry's lifecycle rules, and from gc of other environments."""

from collections.abc import Iterable

from pipeline.core.errors import TandemError
from pipeline.core.values import ImageRef
from pipeline.deploy.manifest import Release
from pipeline.registry import connect

_PREFIX = "release-"


def keep_images(release: Release) -> None:
    """Tag the images `release-ENVIRONMENT-N`: lifecycle rules never delete these.

    Raises:
        TandemError: the registry refuses, or the tag names another image and cannot change.
    """
    tag = release_tag(release)
    for image in sorted(set(release.images.values())):
        other = connect(image.host).tag(image, tag)
        if other != image:
            raise TandemError(
                f"cannot keep {image}: its repository has the tag {tag} on another image, {other.digest}",
                hint=f"aws ecr batch-delete-image --repository-name {image.path} --image-ids imageTag={tag}"
                " removes the tag, if no environment of that name runs the image",
            )


def release_tag(release: Release) -> str:
    """The tag of the images of `release`; several environments may share a repository."""
    return f"{_PREFIX}{release.environment}-{release.number}"


def foreign_tags(tags: Iterable[str], image: ImageRef, releases: Iterable[Release]) -> list[str]:
    """The release tags of `image` that are not of `releases`: another environment may run the image.

    Tags of older releases, `release-N`, do not name the environment.
    """
    own = {
        tag
        for release in releases
        if image in release.images.values()
        for tag in (release_tag(release), f"{_PREFIX}{release.number}")
    }
    return sorted(tag for tag in tags if tag.startswith(_PREFIX) and tag not in own)
