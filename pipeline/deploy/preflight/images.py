"""Every image that a release names is in its registry."""

from collections.abc import Callable, Iterator, Mapping

from pipeline.core.values import ImageRef
from pipeline.deploy.preflight.image_contract import Images
from render.finding import Finding


def missing(images: Mapping[str, ImageRef], registry: Callable[[str], Images]) -> Iterator[Finding]:
    for name, ref in sorted(images.items()):
        if not registry(ref.host).exists(ref):
            yield Finding(f"image {name}", f"{ref} is not in the registry", "tandem release builds it again")
