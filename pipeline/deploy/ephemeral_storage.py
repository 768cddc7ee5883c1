"""Estimate how much of a task's disk its images need: compressed, unpacked, and copied into a volume."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from pipeline.core.errors import TandemError
from pipeline.core.values import ImageRef, Layout
from pipeline.registry import Descriptor, Manifest, connect
from render.model import IMAGES

GIB = 2**30
DEFAULT_GIB, MAX_GIB = 20, 200  # of a Fargate task
_WITH_RESERVE = 110  # percent
_AT_ONCE = 8
_GZIP_SIZE_LIMIT = 2**32  # gzip stores the size modulo this
_MIN_RATIO = 0.99  # unpacked to compressed size; incompressible files grow a little
_ZSTD_RATIO = 4  # assumed: zstd does not store the unpacked size


class LayerRegistry(Protocol):
    """The methods of a registry that the estimate calls."""

    def manifest(self, ref: ImageRef) -> Manifest:
        """The image's layers."""

    def read_end(self, path: str, layer: Descriptor, count: int) -> bytes:
        """The last bytes of a layer."""


def needed(
    images: Mapping[str, ImageRef], layout: Layout, registry: Callable[[str], LayerRegistry] = connect
) -> int:
    """The bytes that a task of this layout stores on its disk; layers that images share count once.

    Raises:
        TandemError: an image cannot be read.
    """
    layers = {name: _layers(images[name], registry) for name in dict.fromkeys(IMAGES[layout.value].values())}
    distinct = {layer.digest: (layer, size) for pairs in layers.values() for layer, size in pairs}
    pulled_bytes = sum(layer.size + size for layer, size in distinct.values())
    copied_bytes = sum(size for _, size in layers["static"]) if layout is Layout.SIDECAR else 0
    return pulled_bytes + copied_bytes


def gib(needed_bytes: int) -> int | None:
    """The GiB of ephemeral storage for `needed_bytes` and a reserve of 10 %; None if the default is enough.

    Raises:
        TandemError: Fargate does not offer so much.
    """
    size = -(-needed_bytes * _WITH_RESERVE // (100 * GIB))
    if size > MAX_GIB:
        raise TandemError(
            f"the task needs {size} GiB of disk for its images, unpacked and copied; "
            f"Fargate has {MAX_GIB} at most",
            hint='make the content smaller, or layout = "fused", which copies nothing',
        )
    return size if size > DEFAULT_GIB else None


def unpacked(layer: Descriptor, end: bytes) -> int:
    """The bytes of a layer's tar file; `end` are the last four bytes of the layer.

    gzip ends with the size modulo 4 GiB (RFC 1952): the estimate for a larger layer that compresses well is
    too low.
    """
    if layer.media_type.endswith("zstd"):
        return layer.size * _ZSTD_RATIO
    if not layer.media_type.endswith("gzip"):
        return layer.size
    size = int.from_bytes(end, "little")
    while size < layer.size * _MIN_RATIO and layer.size > _GZIP_SIZE_LIMIT // 2:
        size += _GZIP_SIZE_LIMIT
    return size


def _layers(ref: ImageRef, registry: Callable[[str], LayerRegistry]) -> list[tuple[Descriptor, int]]:
    client = registry(ref.host)
    layers = client.manifest(ref).layers
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        ends = pool.map(lambda layer: client.read_end(ref.path, layer, 4), layers)
        return [(layer, unpacked(layer, end)) for layer, end in zip(layers, ends, strict=True)]
