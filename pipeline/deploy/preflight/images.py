"""Check that every image of a release is in its registry."""

from collections.abc import Iterator, Mapping

from pipeline.core.values import ImageRef
from pipeline.deploy.preflight.container_images import OpenRegistry
from render.finding import Finding

_DELETED = (
    "`tandem gc` deletes the images of old releases, and nothing builds them again: choose another release"
    " of `tandem releases`, or push that content once more"
)


def missing(
    images: Mapping[str, ImageRef], open_registry: OpenRegistry, *, is_old: bool = False
) -> Iterator[Finding]:
    """A finding for each of `images`, by name, that its registry does not have.

    `is_old` says that they are those of a stored release: no command builds them again.
    """
    hint = _DELETED if is_old else "`tandem release` builds it again"
    for name, ref in sorted(images.items()):
        if not open_registry(ref.host).exists(ref):
            yield Finding(f"image {name}", f"{ref} is not in the registry", hint)
