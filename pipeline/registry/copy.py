"""Copy blobs between repositories: mount them within a registry that allows it, else stream them."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from pipeline.core.values import ImageRef
from pipeline.registry.blob import Blob
from pipeline.registry.client import Registry, connect
from pipeline.registry.image_manifest import Descriptor, Manifest


def copy_blobs(source: ImageRef, blobs: Iterable[Descriptor], target: str) -> int:
    """Copy `blobs` from the repository of `source` to repository `target` (`host/path`); the bytes sent.

    Blobs that the target has are not sent, nor are blobs within a registry that mounts.

    Raises:
        TandemError: A registry refused, did not answer, or sent wrong bytes.
    """
    host, _, path = target.partition("/")
    source_registry, target_registry = connect(source.host), connect(host)
    if (source.host, source.path) == (host, path):
        return 0
    return sum(_copy(source_registry, source.path, blob, target_registry, path) for blob in blobs)


def copy_image(image: ImageRef, target: str) -> ImageRef:
    """Copy `image` to repository `target` (`host/path`), byte for byte: its digest stays.

    Raises:
        TandemError: A registry refused, did not answer, or sent wrong bytes.
    """
    host, _, path = target.partition("/")
    source, copy = connect(image.host), ImageRef(target, image.digest)
    if image != copy and not connect(host).exists(copy):
        content = source.manifest_bytes(image)
        manifest = Manifest.parse(content, str(image))
        copy_blobs(image, [manifest.config, *manifest.layers], target)
        connect(host).put_manifest_bytes(path, content)
    return copy


def _copy(
    source_registry: Registry, source_path: str, blob: Descriptor, target_registry: Registry, target_path: str
) -> int:
    if target_registry.has_blob(target_path, blob.digest):
        return 0
    same = source_registry.host == target_registry.host
    if same and target_registry.mount_blob(target_path, blob.digest, source_path):
        return 0
    with tempfile.TemporaryDirectory(prefix="tandem-copy-") as folder:
        file = Path(folder, "blob")
        with file.open("wb") as out:
            for piece in source_registry.stream_blob(source_path, blob.digest, blob.size):
                out.write(piece)
        target_registry.push_blob(target_path, Blob(blob, file))
    return blob.size
