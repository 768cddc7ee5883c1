"""A cold copy has the image's files, and no layer or blob that a store could have."""

import gzip
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.compare.start import cold_images
from pipeline.compare.start.cold_images import cold_copy, commented
from pipeline.registry import (
    connect,
    digest_of,
)
from tests.compare.start.registry_images import layer, push
from tests.registry import server

pytestmark = pytest.mark.slow  # a registry runs


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    with server.running(tmp_path_factory.mktemp("registry")) as running:
        yield running


def unpacked(host, image):
    """The uncompressed layers of an image, which its configuration must name."""
    registry = connect(host)
    manifest = registry.manifest(image)
    plain = [gzip.decompress(registry.read_blob(image.path, each.digest)) for each in manifest.layers]
    names = registry.config(image, manifest)["rootfs"]["diff_ids"]
    assert names == [str(digest_of(each)) for each in plain]
    return plain


def test_a_copy_has_the_files_and_shares_no_layer(host):
    first, second = layer("a", b"1" * 9000), layer("b", b"2")
    image = push(host, first, second)
    copy = cold_copy(image, "mark-1", {"io.tandem.stack": "x-start"})
    lowest, *rest = unpacked(host, copy.image)
    assert rest == [first, second]
    registry = connect(host)
    copied, original = registry.manifest(copy.image), registry.manifest(image)
    assert not {each.digest for each in copied.layers} & {each.digest for each in original.layers}
    assert copy.bytes == sum(each.size for each in copied.layers)
    assert lowest != cold_copy_lowest(host, image, "mark-2")


def cold_copy_lowest(host, image, mark):
    return unpacked(host, cold_copy(image, mark, {}).image)[0]


def test_a_copy_keeps_the_settings_and_adds_the_label(host):
    image = push(host, layer("a", b"1"))
    config = connect(host).config(cold_copy(image, "m", {"io.tandem.stack": "x-start"}).image)
    assert config["config"]["Labels"] == {"team": "web", "io.tandem.stack": "x-start"}
    assert config["config"]["Volumes"] == {"/srv/static": {}}
    assert config["config"]["Cmd"] == ["true"]
    assert "history" not in config, "it would name one layer too few"


def test_a_layer_too_large_for_memory_stays_as_it_is(host, monkeypatch):
    image = push(host, layer("a", bytes(range(256)) * 64), layer("b", b"2"))
    registry = connect(host)
    large, small = registry.manifest(image).layers
    monkeypatch.setattr(cold_images, "_MOST", large.size - 1)
    _, first, second = registry.manifest(cold_copy(image, "m", {}).image).layers
    assert first == large
    assert second.digest != small.digest


@settings(max_examples=20)
@given(content=st.binary(max_size=200), mark=st.text("0123456789abcdef", min_size=1, max_size=12))
def test_a_comment_changes_the_bytes_and_not_the_content(content, mark):
    packed = gzip.compress(content, mtime=0)
    assert gzip.decompress(commented(packed, mark)) == content
    assert commented(packed, mark) != packed


def test_what_has_a_file_name_in_its_header_stays_as_it_is():
    out = io.BytesIO()
    with gzip.GzipFile("name", "wb", fileobj=out) as packed:
        packed.write(b"content")
    assert commented(out.getvalue(), "mark") == out.getvalue()
    assert commented(b"no gzip", "mark") == b"no gzip"
