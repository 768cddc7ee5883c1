import json
import os

import httpx
import pytest
import stamina

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.registry import (
    OCI_CONFIG,
    OCI_LAYER,
    OCI_MANIFEST,
    Blob,
    ByteCount,
    Manifest,
    connect,
    copy_blobs,
    copy_image,
    digest_of,
)
from pipeline.registry.transport import ATTEMPTS, is_loopback
from tests.registry import faulty

pytestmark = pytest.mark.slow


def image(seed=b"", size=3_000_000):
    layer = Blob.of(os.urandom(size), OCI_LAYER)
    config = Blob.of(b'{"os":"linux","seed":"%s"}' % seed, OCI_CONFIG)
    return config, layer, Manifest(config.descriptor, (layer.descriptor,), {"note": "here"})


def push(registry, path, made, tag=""):
    *blobs, manifest = made
    for blob in blobs:
        registry.push_blob(path, blob)
    return registry.push_manifest(path, manifest, tag)


def test_the_end_of_a_blob_is_read_without_the_rest(host):
    registry = connect(host)
    config, layer, manifest = image()
    push(registry, "some/end", (config, layer, manifest))
    assert registry.read_end("some/end", layer.descriptor, 4) == layer.content[-4:]


def test_what_is_pushed_is_read_back(host):
    registry = connect(host)
    config, layer, manifest = image()
    ref = push(registry, "some/image", (config, layer, manifest), "v1")
    assert registry.exists(ref)
    assert manifest == registry.manifest(ref)
    assert registry.config(ref) == {"os": "linux", "seed": ""}
    assert layer.content == b"".join(registry.stream_blob("some/image", layer.descriptor.digest))
    assert ref == registry.resolve("some/image", "v1")
    assert registry.tags("some/image") == ("v1",)


def test_a_tag_names_the_very_bytes_that_were_pushed(host):
    """Docker formats manifests differently: formatted our way, they would be another image."""
    registry = connect(host)
    *blobs, manifest = image()
    for blob in blobs:
        registry.push_blob("laid/out", blob)
    content = json.dumps(json.loads(manifest.dump()), indent=3).encode()
    url, headers = f"http://{host}/v2/laid/out/manifests", {"Content-Type": OCI_MANIFEST}
    pushed = httpx.put(f"{url}/{digest_of(content)}", content=content, headers=headers)
    assert pushed.status_code == 201
    ref = ImageRef(f"{host}/laid/out", digest_of(content))
    assert ref == registry.tag(ref, "named")
    assert ref == registry.resolve("laid/out", "named")


def test_what_is_there_is_not_sent_again(host):
    registry = connect(host)
    _, layer, _ = image()
    meter = ByteCount()
    assert registry.push_blob("again", layer, meter)
    assert not registry.push_blob("again", layer, meter)
    assert layer.descriptor.size == meter.bytes


def test_what_is_not_there_is_not_found(host):
    registry = connect(host)
    ref = ImageRef(f"{host}/none", Digest("sha256:" + "0" * 64))
    assert not registry.exists(ref)
    assert registry.resolve("none", "v1") is None
    assert registry.tags("none") == ()
    with pytest.raises(TandemError, match="cannot read image"):
        registry.manifest(ref)


def test_a_manifest_of_missing_blobs_is_refused(host):
    manifest = image()[-1]
    with pytest.raises(TandemError, match="cannot push a manifest"):
        connect(host).push_manifest("partial", manifest, "v1")
    assert connect(host).tags("partial") == ()


def test_blobs_are_mounted_within_a_registry(host):
    registry = connect(host)
    config, layer, manifest = image(seed=b"mount")
    ref = push(registry, "from/here", (config, layer, manifest))
    assert copy_blobs(ref, manifest.layers, f"{host}/to/there") == 0
    assert registry.has_blob("to/there", layer.descriptor.digest)


@pytest.mark.parametrize("fate", [faulty.REFUSE, faulty.LOSE, faulty.CUT])
@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT"])
def test_a_broken_request_is_made_good(host, fate, method):
    """A 503, a lost answer and a lost request, once at each kind of request."""
    with faulty.proxy(host) as (address, faults):
        broken = []

        def once(asked, path):
            if asked == method and not broken:
                broken.append(path)
                return fate
            return faulty.PASS

        faults.decide = once
        made = image()
        ref = push(connect(address), f"broken/{method.lower()}-{fate}", made)
        assert broken
    there = ImageRef(ref.repository.replace(address, host), ref.digest)
    assert made[-1] == connect(host).manifest(there)


def test_wrong_bytes_are_refused(host):
    config, layer, manifest = image(seed=b"wrong")
    ref = push(connect(host), "wrong", (config, layer, manifest))
    with faulty.proxy(host) as (address, faults):
        faults.decide = lambda _method, _path: faulty.WRONG
        theirs = ImageRef(f"{address}/wrong", ref.digest)
        with pytest.raises(TandemError, match="wrong bytes"):
            connect(address).manifest(theirs)
        with pytest.raises(TandemError, match="wrong bytes"):
            list(connect(address).stream_blob("wrong", layer.descriptor.digest))
        with pytest.raises(TandemError, match="wrong bytes"):
            connect(address).read_blob("wrong", layer.descriptor.digest)
        with pytest.raises(TandemError, match="wrong bytes"):
            connect(address).tag(theirs, "tag")


def test_a_registry_that_is_down_is_named():
    with (
        stamina.set_testing(True, attempts=ATTEMPTS),
        pytest.raises(TandemError, match=r"127\.0\.0\.1:9/v2/some/tags.*failed after"),
    ):
        connect("127.0.0.1:9").tags("some")


@pytest.mark.parametrize("name", ["127.0.0.1:5000", "localhost:5000", "localhost", "[::1]:5000", "127.8.9.1"])
def test_plain_http_is_spoken_on_loopback(name):
    assert is_loopback(name)


@pytest.mark.parametrize("name", ["10.0.0.1:5000", "registry:5000", "localhost.example", "127.0.0.1.example"])
def test_plain_http_is_spoken_nowhere_else(name):
    assert not is_loopback(name)
    assert connect(name)._http.base == f"https://{name}"


def test_a_taken_tag_of_an_immutable_repository_keeps_its_image(host):
    """ECR answers 400 to a tag that is there, whether it names the same image or another."""
    with faulty.proxy(host) as (address, faults):
        registry = connect(address)
        first = push(registry, "fixed", image(b"1"))
        second = push(registry, "fixed", image(b"2"))
        registry.tag(first, "inputs")
        faults.decide = lambda method, path: 400 if (method, path[-6:]) == ("PUT", "inputs") else faulty.PASS
        assert first == registry.tag(first, "inputs")
        assert first == registry.tag(second, "inputs")


@pytest.mark.parametrize("indent", [None, 3], ids=["as we write it", "as Docker writes it"])
def test_an_image_is_copied_with_its_digest(host, indent):
    """The manifest is copied byte for byte: its digest names these bytes."""
    registry = connect(host)
    config, layer, manifest = image(os.urandom(4), 1000)
    for blob in (config, layer):
        registry.push_blob("dev/app", blob)
    content = json.dumps(json.loads(manifest.dump()), indent=indent).encode()
    pushed = registry.put_manifest_bytes("dev/app", content)
    copied = copy_image(pushed, f"{host}/prod/app")
    assert copied == ImageRef(f"{host}/prod/app", digest_of(content))
    assert registry.manifest_bytes(copied) == content
    assert registry.read_blob("prod/app", layer.descriptor.digest) == layer.content
    assert copy_image(pushed, f"{host}/prod/app") == copied
    assert copy_image(copied, f"{host}/prod/app") == copied


def test_an_image_that_is_gone_is_not_copied(host):
    gone = ImageRef(f"{host}/dev/app", digest_of(os.urandom(8)))
    with pytest.raises(TandemError, match="cannot read image"):
        copy_image(gone, f"{host}/prod/app")
