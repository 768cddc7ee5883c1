"""What is no manifest, no configuration or no upload is an error in words."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.registry import OCI_LAYER, Blob, Descriptor, Manifest, connect, digest_of
from tests.registry.memory import Answer

pytestmark = pytest.mark.slow

NONE = Digest("sha256:" + "0" * 64)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b"[" * 200_000,
        b'{"config": 1, "layers": 2}',
        b'{"config": {}, "layers": [[]]}',
        b'{"schemaVersion": 2, "manifests": []}',
        b"\xff\xfe",
        b'{"config": {"mediaType": "a", "digest": "sha256:' + b"0" * 64 + b'", "size": 1e999}, "layers": []}',
        b'{"config": {"mediaType": "a", "digest": "sha256:' + b"0" * 64 + b'", "size": -1}, "layers": []}',
        b'{"config": {"mediaType": 7, "digest": "sha256:' + b"0" * 64 + b'", "size": 1}, "layers": []}',
        b'{"config": {"mediaType": "a", "digest": 5, "size": 1}, "layers": []}',
        b'{"config": {"mediaType": "a", "digest": "' + b"x" * 100_000 + b'", "size": 1}, "layers": []}',
        b'{"config": {"mediaType": "a", "digest": "sha256:'
        + b"0" * 64
        + b'", "size": 1}, "layers": [], "annotations": [1]}',
    ],
)
def test_a_manifest_that_is_none_is_said_to_be_none(registry, body):
    registry.answer = lambda _: Answer(200, {}, body)
    with pytest.raises(TandemError, match=r"is no|is not JSON|no JSON object|not an image digest") as caught:
        connect(registry.host).find(ImageRef(f"{registry.host}/some", digest_of(body)))
    assert len(caught.value.message) < 800


@pytest.mark.parametrize(
    "body",
    [
        b"3",
        b'{"config": []}'.replace(b"[]", b"[1]"),
        b'{"config": {"Volumes": ["/a"]}}',
        b'{"config": {"Env": "A=b"}}',
        b'{"config": {"Entrypoint": [1]}}',
        b'{"rootfs": {"diff_ids": "abc"}}',
        b'{"rootfs": [1]}',
        b'{"architecture": 3}',
    ],
)
def test_a_configuration_that_is_none_is_said_to_be_none(registry, body):
    registry.answer = lambda _: Answer(200, {}, body)
    manifest = Manifest(Descriptor("a", digest_of(body), len(body)), ())
    with pytest.raises(TandemError, match=r"no JSON object|no image configuration"):
        connect(registry.host).config(ImageRef(f"{registry.host}/some", NONE), manifest)


def test_an_upload_without_a_place_to_go_is_an_error(registry):
    registry.answer = lambda r: Answer(202 if r.method == "POST" else 404)
    with pytest.raises(TandemError, match="did not say where"):
        connect(registry.host).push_blob("some", Blob.of(b"content", OCI_LAYER))
