"""Check that every image of a release is in its registry."""

from collections.abc import Iterator, Mapping

from pipeline.core.values import ImageRef
from pipeline.deploy.preflight.container_images import OpenRegistry
from render.finding import Finding


def missing(images: Mapping[str, ImageRef], open_registry: OpenRegistry) -> Iterator[Finding]:
    """A finding for each of `images`, by name, that its registry does not have."""
    for name, ref in sorted(images.items()):
        if not open_registry(ref.host).exists(ref):
            yield Finding(f"image {name}", f"{ref} is not in the registry", "tandem release builds it again")
