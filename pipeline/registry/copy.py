"""Copy blobs between repositories: mounted where the registry allows, streamed where not."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from pipeline.core.values import ImageRef
from pipeline.registry.blob import Blob
from pipeline.registry.client import Registry, connect
from pipeline.registry.manifest import Descriptor


def copy_blobs(source: ImageRef, blobs: Iterable[Descriptor], target: str) -> int:
    """Make `blobs` of the repository of `source` known in repository `target`; returns bytes sent.

    Nothing is sent for what is there already, nor within a registry that mounts.
    """
    host, _, path = target.partition("/")
    theirs, ours = connect(source.host), connect(host)
    if (source.host, source.path) == (host, path):
        return 0
    return sum(_copy(theirs, source.path, blob, ours, path) for blob in blobs)


def _copy(theirs: Registry, source: str, blob: Descriptor, ours: Registry, path: str) -> int:
    if ours.has_blob(path, blob.digest):
        return 0
    if theirs.host == ours.host and ours.mount_blob(path, blob.digest, source):
        return 0
    with tempfile.TemporaryDirectory(prefix="tandem-copy-") as folder:
        file = Path(folder, "blob")
        with file.open("wb") as out:
            for piece in theirs.stream_blob(source, blob.digest):
                out.write(piece)
        ours.push_blob(path, Blob(blob, file))
    return blob.size
