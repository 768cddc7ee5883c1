"""How much of a task's disk its images take: compressed, unpacked, and copied into a volume."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from pipeline.core.errors import TandemError
from pipeline.core.values import ImageRef, Layout
from pipeline.registry import Descriptor, Manifest, connect
from render.model import IMAGES

GIB = 2**30
FREE, MOST = 20, 200  # GiB that every task has, and that one can have
_SPARE = 110  # percent
_AT_ONCE = 8
_WRAPS = 2**32
_STORED = 0.99  # what does not compress grows a little
_ZSTD = 4  # the format tells no size: text shrinks so much


class Layers(Protocol):
    """What is asked of a registry."""

    def manifest(self, ref: ImageRef) -> Manifest:
        """The image's layers."""

    def read_end(self, path: str, layer: Descriptor, count: int) -> bytes:
        """The last bytes of a layer."""


def needed(
    images: Mapping[str, ImageRef], layout: Layout, registry: Callable[[str], Layers] = connect
) -> int:
    """Bytes that a task of this layout puts on its disk; layers that images share count once."""
    layers = {name: _layers(images[name], registry) for name in dict.fromkeys(IMAGES[layout.value].values())}
    distinct = {layer.digest: (layer, size) for found in layers.values() for layer, size in found}
    pulled = sum(layer.size + size for layer, size in distinct.values())
    copied = sum(size for _, size in layers["static"]) if layout is Layout.SIDECAR else 0
    return pulled + copied


def gib(needed: int) -> int | None:
    """The ephemeral storage to ask for, a tenth to spare; None where every task's own is enough."""
    wanted = -(-needed * _SPARE // (100 * GIB))
    if wanted > MOST:
        raise TandemError(
            f"the task needs {wanted} GiB of disk for its images, unpacked and copied; "
            f"Fargate has {MOST} at most",
            hint='make the content smaller, or layout = "fused", which copies nothing',
        )
    return wanted if wanted > FREE else None


def unpacked(layer: Descriptor, end: bytes) -> int:
    """Bytes of a layer's tar file; `end` are its last four.

    gzip ends with the size modulo 4 GiB (RFC 1952), so a layer beyond that which also shrinks to less than
    a part of it counts too little.
    """
    if layer.media_type.endswith("zstd"):
        return layer.size * _ZSTD
    if not layer.media_type.endswith("gzip"):
        return layer.size
    size = int.from_bytes(end, "little")
    while size < layer.size * _STORED and layer.size > _WRAPS // 2:
        size += _WRAPS
    return size


def _layers(ref: ImageRef, registry: Callable[[str], Layers]) -> list[tuple[Descriptor, int]]:
    at = registry(ref.host)
    found = at.manifest(ref).layers
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        ends = pool.map(lambda layer: at.read_end(ref.path, layer, 4), found)
        return [(layer, unpacked(layer, end)) for layer, end in zip(found, ends, strict=True)]
