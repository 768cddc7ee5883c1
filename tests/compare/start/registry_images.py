"""Images in a real registry, as Docker pushes them, for tests."""

import gzip
import io
import tarfile

from pipeline.registry import (
    DOCKER_LAYER,
    DOCKER_MANIFEST,
    Blob,
    Manifest,
    canonical_json,
    connect,
    digest_of,
)

CONFIG = "application/vnd.docker.container.image.v1+json"


def layer(name, content):
    """An uncompressed layer with one file."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def push(host, *plain, path="compare/app"):
    """An image with these layers; its reference."""
    registry = connect(host)
    blobs = [Blob.of(gzip.compress(each, mtime=0), DOCKER_LAYER) for each in plain]
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Cmd": ["true"], "Labels": {"team": "web"}, "Volumes": {"/srv/static": {}}},
        "history": [{"created_by": "COPY"} for _ in plain],
        "rootfs": {"type": "layers", "diff_ids": [str(digest_of(each)) for each in plain]},
    }
    blob = Blob.of(canonical_json(config), CONFIG)
    for each in (*blobs, blob):
        registry.push_blob(path, each)
    layers = tuple(each.descriptor for each in blobs)
    manifest = Manifest(blob.descriptor, layers, media_type=DOCKER_MANIFEST)
    return registry.push_manifest(path, manifest)
