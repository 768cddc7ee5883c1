"""Copy an image so that no image store has a layer of it: a pull then moves and unpacks every byte.

Docker knows unpacked layers by the layers below them: a small layer of this comparison lies lowest. An
Engine that keeps images in containerd knows compressed layers by their digest: a comment in gzip's header
changes it.
"""

import gzip
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipeline.core.values import ImageRef
from pipeline.registry import Blob, Descriptor, Manifest, Registry, canonical_json, connect, digest_of

_NAME = ".tandem-compare"
_MOST = 64 << 20
"""Larger layers are content, which only images of comparisons hold in one piece; they stay as they are."""
_GZIP = b"\x1f\x8b\x08"
_FLAGS, _COMMENT, _HEADER = 3, 0x10, 10


@dataclass(frozen=True)
class ColdImage:
    """The copy, and the compressed bytes of its layers."""

    image: ImageRef
    bytes: int


def cold_copy(image: ImageRef, mark: str, labels: Mapping[str, str]) -> ColdImage:
    """Push the copy beside `image`; another `mark` makes another copy.

    Raises:
        TandemError: the registry refused.
    """
    registry = connect(image.host)
    manifest = registry.manifest(image)
    plain, lowest = _lowest(mark, manifest)
    registry.push_blob(image.path, lowest)
    layers = [_marked_layer(registry, image.path, layer, mark) for layer in manifest.layers]
    config = _config(registry.config(image, manifest), str(digest_of(plain)), labels)
    blob = Blob.of(canonical_json(config), manifest.config.media_type)
    registry.push_blob(image.path, blob)
    copy = replace(manifest, config=blob.descriptor, layers=(lowest.descriptor, *layers), annotations={})
    return ColdImage(registry.push_manifest(image.path, copy), copy.size)


def _lowest(mark: str, manifest: Manifest) -> tuple[bytes, Blob]:
    """The lowest layer, unpacked and as a blob of the kind of the others."""
    out, content = io.BytesIO(), mark.encode()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo(_NAME)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    plain = out.getvalue()
    return plain, Blob.of(gzip.compress(plain, mtime=0), manifest.layers[0].media_type)


def _marked_layer(registry: Registry, path: str, layer: Descriptor, mark: str) -> Descriptor:
    """The layer with another digest and the same content."""
    if layer.size > _MOST:
        return layer
    content = registry.read_blob(path, layer.digest, _MOST)
    blob = Blob.of(commented(content, mark), layer.media_type)
    registry.push_blob(path, blob)
    return blob.descriptor


def commented(content: bytes, comment: str) -> bytes:
    """The gzip stream with a comment in its header; as it is if it is none, or has header fields already."""
    if content[:_FLAGS] != _GZIP or content[_FLAGS]:
        return content
    head = content[:_FLAGS] + bytes([_COMMENT]) + content[_FLAGS + 1 : _HEADER]
    return head + comment.encode("ascii") + b"\0" + content[_HEADER:]


def _config(config: Mapping[str, Any], lowest: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """The image's configuration over one more layer; its history would name one too few."""
    settings = dict(config.get("config") or {})
    settings["Labels"] = {**(settings.get("Labels") or {}), **labels}
    rootfs = config["rootfs"]
    layers = {**rootfs, "diff_ids": [lowest, *rootfs["diff_ids"]]}
    rest = {key: value for key, value in config.items() if key not in {"history", "container_config"}}
    return {**rest, "config": settings, "rootfs": layers}
