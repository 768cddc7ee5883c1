import gzip
import io
import tarfile

import pytest

from pipeline.core.errors import TandemError
from pipeline.images.fuse import fuse
from pipeline.images.static import build
from pipeline.registry import DOCKER_LAYER, Blob, Manifest, canonical_json, connect, digest_of
from tests.images.static.conftest import base, repo, request_for
from tests.images.static.flatten import flatten
from tests.registry.conftest import host

__all__ = ["base", "host", "repo", "request_for"]


@pytest.fixture
def app(host):
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        head = tarfile.TarInfo("bin/nginx")
        tar.addfile(head, io.BytesIO())
    layer = Blob.of(gzip.compress(plain.getvalue(), mtime=0), DOCKER_LAYER)
    settings = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"User": "101:101", "Cmd": ["nginx"], "Volumes": {"/run": {}, "/srv/static": {}}},
        "history": [{"created_by": "COPY"}],
        "rootfs": {"type": "layers", "diff_ids": [str(digest_of(plain.getvalue()))]},
    }
    config = Blob.of(canonical_json(settings), "application/vnd.docker.container.image.v1+json")
    for blob in (layer, config):
        connect(host).push_blob("shop/app", blob)
    return connect(host).push_manifest("shop/app", Manifest(config.descriptor, (layer.descriptor,)))


def test_a_fused_image_is_the_app_with_the_content_in_it(app, request_for, repo, host):
    first, second = repo.commits([{"a": b"1", "b": b"2"}, {"a": b"3"}])
    build(request_for(first))
    static = build(request_for(second)).image
    fused = fuse(app, static, f"{host}/shop/site")
    registry = connect(host)
    config = registry.config(fused)
    assert flatten(fused) == flatten(static)
    assert registry.manifest(fused).layers[0].digest == registry.manifest(app).layers[0].digest
    assert len(config["rootfs"]["diff_ids"]) == len(registry.manifest(fused).layers)
    assert config["config"] == {"User": "101:101", "Cmd": ["nginx"], "Volumes": {"/run": {}}}
    assert fused == fuse(app, static, f"{host}/shop/site")


def test_only_an_image_made_of_layers_is_fused(app, base, host):
    with pytest.raises(TandemError, match="not built from layers"):
        fuse(app, base, f"{host}/shop/site")
