"""Find the image to start from: everything the next build needs is in the registry."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipeline.core.values import Digest, ImageRef
from pipeline.images.static.image.annotations import ContentState, ImageLayers, read_state
from pipeline.images.static.image.manifest import BASE_DIGEST, RuntimeImage, diff_ids_of, runtime_image_of
from pipeline.images.static.request import BuildRequest
from pipeline.registry import Descriptor, Manifest, Registry, connect


@dataclass(frozen=True)
class StaticImage:
    """An image that was built here, with its state."""

    ref: ImageRef
    manifest: Manifest
    state: ContentState

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """Read only when it is asked for: a build that changes nothing needs none."""
        return connect(self.ref.host).config(self.ref, self.manifest)

    @property
    def runtime_image_digest(self) -> Digest:
        """The digest of the small image below the content."""
        return Digest.parse(self.manifest.annotations[BASE_DIGEST])

    @property
    def runtime_image(self) -> RuntimeImage:
        return runtime_image_of(self.manifest, self.config)

    @property
    def base(self) -> tuple[tuple[Descriptor, Digest], ...]:
        """The base layers with their diffIDs."""
        return self._with_diff_ids(ImageLayers.of(self.manifest).base)

    @property
    def deltas(self) -> tuple[tuple[Descriptor, Digest], ...]:
        return self._with_diff_ids(ImageLayers.of(self.manifest).deltas)

    def _with_diff_ids(self, chosen: tuple[Descriptor, ...]) -> tuple[tuple[Descriptor, Digest], ...]:
        pairs = zip(self.manifest.layers, diff_ids_of(self.config), strict=True)
        return tuple((layer, diff_id) for layer, diff_id in pairs if layer in chosen)


def find_previous(registry: Registry, request: BuildRequest) -> StaticImage | None:
    """The image that the next one starts from; None where only a cold build can be done."""
    ref = request.predecessor or newest(registry, request.repository)
    return read_static_image(ref) if ref else None


def prefer_compacted(image: StaticImage) -> StaticImage:
    """What compaction made of `image`, or itself: the better one to build on."""
    ref = connect(image.ref.host).resolve(image.ref.path, compacted_tag(image.ref))
    return (read_static_image(ref) if ref else None) or image


def read_static_image(ref: ImageRef) -> StaticImage | None:
    """The image with its state; None if it is not there, was not built here, or by an older format."""
    manifest = connect(ref.host).find(ref)
    state = read_state(manifest.annotations) if manifest else None
    return StaticImage(ref, manifest, state) if manifest and state else None


def compacted_tag(ref: ImageRef) -> str:
    """The tag of the image that compaction made of `ref`: the same files in fewer bytes."""
    return f"compacted-{ref.digest.short}"


def newest(registry: Registry, repository: str) -> ImageRef | None:
    """The image that the most builds led to, by its tag."""
    path = repository.partition("/")[2]
    tags = sorted(tag for tag in registry.tags(path) if tag.startswith("b0"))
    return registry.resolve(path, tags[-1]) if tags else None
