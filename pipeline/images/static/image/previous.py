"""Find the image that a build starts from; its state is in the registry."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.images.static.image.annotations import UNKNOWN, ContentState, ImageLayers, read_state
from pipeline.images.static.image.assembly import BASE_DIGEST, RuntimeImage, diff_ids_of, runtime_image_of
from pipeline.images.static.request import BuildRequest
from pipeline.registry import Descriptor, Manifest, Registry, connect

_AT_ONCE = 8


@dataclass(frozen=True)
class StaticImage:
    """A static image that was built from layers, with its state."""

    ref: ImageRef
    manifest: Manifest
    state: ContentState

    @cached_property
    def config(self) -> Mapping[str, Any]:
        """The image's configuration, read on first use: a build that changes nothing needs none."""
        return connect(self.ref.host).config(self.ref, self.manifest)

    @property
    def runtime_image_digest(self) -> Digest:
        """The digest of the small image below the content."""
        return Digest.parse(self.manifest.annotations[BASE_DIGEST])

    @property
    def runtime_image(self) -> RuntimeImage:
        """The small image below the content."""
        return runtime_image_of(self.manifest, self.config)

    @property
    def base_layers(self) -> tuple[tuple[Descriptor, Digest], ...]:
        """The base layers with their diffIDs."""
        return self._with_diff_ids(ImageLayers.of(self.manifest).base)

    @property
    def delta_layers(self) -> tuple[tuple[Descriptor, Digest], ...]:
        return self._with_diff_ids(ImageLayers.of(self.manifest).deltas)

    def _with_diff_ids(self, layers: tuple[Descriptor, ...]) -> tuple[tuple[Descriptor, Digest], ...]:
        diff_ids = diff_ids_of(self.config)
        if len(diff_ids) != len(self.manifest.layers):
            raise TandemError(
                f"{self.ref} is damaged: {len(self.manifest.layers)} layers, {len(diff_ids)} diffIDs",
                hint="build the commit again with --canonical",
            )
        pairs = zip(self.manifest.layers, diff_ids, strict=True)
        return tuple((layer, diff_id) for layer, diff_id in pairs if layer in layers)


def find_previous(registry: Registry, request: BuildRequest) -> StaticImage | None:
    """The image that the build starts from; None if there is none, so that the build is cold."""
    ref = request.predecessor or newest(registry, request.repository)
    return read_static_image(ref) if ref else None


def prefer_compacted(image: StaticImage) -> StaticImage:
    """The compacted form of `image` if there is one, else `image`."""
    ref = connect(image.ref.host).resolve(image.ref.path, compacted_tag(image.ref))
    return (read_static_image(ref) if ref else None) or image


def read_static_image(ref: ImageRef) -> StaticImage | None:
    """The image with its state; None if it is missing, was not built from layers, or has an older format."""
    manifest = connect(ref.host).find(ref)
    state = read_state(manifest.annotations) if manifest and BASE_DIGEST in manifest.annotations else None
    if manifest and state and state.bytes == UNKNOWN:
        # An earlier version counted compressed bytes, which have about the same parts.
        layers = ImageLayers.of(manifest)
        state = replace(state, bytes=sum(layer.size for layer in (*layers.base, *layers.deltas)))
    return StaticImage(ref, manifest, state) if manifest and state else None


def lost_blobs(image: StaticImage) -> list[Descriptor]:
    """The layers of `image`, and its configuration, that the registry no longer has."""
    registry, blobs = connect(image.ref.host), (*image.manifest.layers, image.manifest.config)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        presence = list(pool.map(lambda blob: registry.has_blob(image.ref.path, blob.digest), blobs))
    return [blob for blob, is_there in zip(blobs, presence, strict=True) if not is_there]


def compacted_tag(ref: ImageRef) -> str:
    """The tag of the compacted form of `ref`: the same files in fewer bytes."""
    return f"compacted-{ref.digest.short}"


def newest(registry: Registry, repository: str) -> ImageRef | None:
    """The image with the highest build number in its tag; None if there is none."""
    path = repository.partition("/")[2]
    tags = sorted(tag for tag in registry.tags(path) if tag.startswith("b0"))
    return registry.resolve(path, tags[-1]) if tags else None
