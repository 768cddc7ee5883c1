import gzip
import io
import tarfile

import pytest

from pipeline.images.static import Bridge, BuildRequest
from pipeline.registry import (
    DOCKER_LAYER,
    DOCKER_MANIFEST,
    Blob,
    Manifest,
    canonical_json,
    connect,
    digest_of,
)
from tests.images.static.repo import Repo
from tests.registry.conftest import host

__all__ = ["host"]


def push_base(host, program):
    """A small image as Docker pushes it, with `program` where the real one has busybox."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        head = tarfile.TarInfo("bin/busybox")
        head.size, head.mode = len(program), 0o755
        tar.addfile(head, io.BytesIO(program))
    layer = Blob.of(gzip.compress(plain.getvalue(), mtime=0), DOCKER_LAYER)
    settings = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": ["PATH=/bin"], "Cmd": ["sh"]},
        "rootfs": {"type": "layers", "diff_ids": [str(digest_of(plain.getvalue()))]},
    }
    config = Blob.of(canonical_json(settings), "application/vnd.docker.container.image.v1+json")
    registry = connect(host)
    for blob in (layer, config):
        registry.push_blob("bases/busybox", blob)
    return registry.push_manifest(
        "bases/busybox", Manifest(config.descriptor, (layer.descriptor,), {}, DOCKER_MANIFEST)
    )


@pytest.fixture(scope="session")
def base(host):
    return push_base(host, b"true")


@pytest.fixture
def repo(tmp_path):
    return Repo(tmp_path / "content.git")


@pytest.fixture
def request_for(host, base, repo, tmp_path, request):
    """A build request for a commit of `repo`, into a repository of the test's own."""
    name = "".join(c for c in request.node.name.lower() if c.isalnum())

    def make(commit, **more):
        defaults = {
            "source": str(repo.path),
            "repository": f"{host}/static/{name}",
            "runtime_image": base,
            "cache": tmp_path / "cache",
            "bridge": Bridge(0, ()),
        }
        return BuildRequest(**{**defaults, **more}, commit=commit)

    return make
