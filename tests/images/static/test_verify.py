import gzip
import json
import os
from dataclasses import replace

import pytest
from hypothesis import given

from pipeline.git.remote import open_object_store
from pipeline.images.static import Bridge, build
from pipeline.images.static.build import compaction_reason
from pipeline.images.static.compact import compact
from pipeline.images.static.image.annotations import STATE
from pipeline.images.static.image.previous import read_static_image
from pipeline.images.static.image_diff import compare
from pipeline.images.static.inspect import inspect
from pipeline.images.static.verify import verify
from pipeline.registry import OCI_LAYER, Blob, connect
from tests.images.static.repo import F, link
from tests.images.static.test_properties import FEW, HISTORIES, build_requests

pytestmark = pytest.mark.slow

TREE = {
    "a.css": b"text " * 100,
    "tiny.css": b"",
    "b/run": F(b"1", "100755"),
    "b/link": link("../a.css"),
    "c.bin": os.urandom(5000),
}


def verdict(request_for, ref):
    return verify(open_object_store(request_for.source, request_for.cache), read_static_image(ref))


@FEW
@given(HISTORIES)
def test_every_built_image_is_its_tree(host, base, history):
    with build_requests(host, base, history, bridge=Bridge(1, ("**",))) as requests:
        for request_for in requests:
            report = verdict(request_for, build(request_for).image)
            assert report.problems == ()
            assert report.commit in {request_for.commit, *(o.commit for o in requests)}


@pytest.fixture
def tampered(request_for, repo):
    """Builds TREE, hands its layer's tar to a change, and gives the verdict on the result."""
    request = request_for(repo.commit(TREE), precompress=("*.css",))
    image = read_static_image(build(request).image)
    registry, path = connect(image.ref.host), image.ref.path

    def tamper(change):
        layer = image.manifest.layers[-1]
        changed = change(gzip.decompress(registry.read_blob(path, layer.digest)))
        blob = Blob.of(gzip.compress(changed), OCI_LAYER)
        registry.push_blob(path, blob)
        other = replace(layer, digest=blob.descriptor.digest, size=blob.descriptor.size)
        manifest = replace(image.manifest, layers=(*image.manifest.layers[:-1], other))
        return verdict(request, registry.push_manifest(path, manifest)).problems

    return tamper


def test_an_untouched_image_has_no_problems(tampered):
    assert tampered(lambda tar: tar) == ()


def test_another_byte_is_found(tampered):
    changed = tampered(lambda tar: tar.replace(b"text text ", b"text Text ", 1))
    assert changed == ("a.css: its 500 bytes are not the commit's 500",)


def test_another_link_is_found(tampered):
    problems = tampered(lambda tar: _rename(tar, b"../a.css", b"../b.css"))
    assert problems == ("b/link: leads to '../b.css', not '../a.css'",)


def test_another_name_is_found(tampered):
    problems = tampered(lambda tar: _rename(tar, b"srv/static/c.bin", b"srv/static/d.bin"))
    assert problems == ("c.bin is missing", "d.bin is not in the tree")


def test_another_mode_is_found(tampered):
    rest = b"\x000000000\x000000000\x0000000000001"  # root's, one byte long
    problems = tampered(lambda tar: _rename(tar, b"0000755" + rest, b"0000644" + rest))
    assert problems == ("b/run: its mode is 644, not 755",)


def _rename(tar, old, new):
    """Replace within one header, whose checksum is corrected."""
    at = tar.index(old) // 512 * 512
    block = bytearray(tar[at : at + 512].replace(old, new))
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return tar[:at] + bytes(block) + tar[at + 512 :]


def test_inspect_tells_layers_and_what_is_hidden(request_for, repo):
    data = [os.urandom(3_000_000) for _ in range(3)]
    trees = [{"a": data[0], "b": data[1]}, {"a": data[2], "b": data[1]}]
    first, second = (request_for(commit) for commit in repo.commits(trees))
    build(first)
    facts = inspect(read_static_image(build(second).image))
    assert [(layer.role, layer.age) for layer in facts.layers] == [("runtime", 0), ("base", 1), ("delta", 0)]
    assert facts.files == 2
    assert 2_900_000 < facts.dead < 3_100_000
    assert "hidden" in facts.compaction


def test_diff_tells_what_changes_for_the_served(request_for, repo):
    trees = [{"a": b"1", "b.css": b"x" * 99, "c": b""}, {"a": b"2", "d.css": b"1"}]
    one, other = (
        request_for(c, precompress=("*.css",), bridge=Bridge(1, ("b*",))) for c in repo.commits(trees)
    )
    old, new = read_static_image(build(one).image), read_static_image(build(other).image)
    differences = compare(open_object_store(one.source, one.cache), old, new)
    assert differences.added == ("d.css", "d.css.gz")
    assert differences.changed == ("a",)
    assert differences.removed == ("c",)


@FEW
@given(HISTORIES)
def test_hidden_bytes_are_counted_as_verify_counts_them(host, base, history):
    """Through edits, deletions, merges of layers and files that become folders."""
    with build_requests(host, base, history, precompress=()) as requests:
        for request in requests:
            image = read_static_image(build(request).image)
            report = verify(open_object_store(request.source, request.cache), image)
            assert (image.state.dead, image.state.bytes) == (report.hidden, report.bytes)


@pytest.mark.parametrize(
    ("sizes", "fresh"),
    [([3_000_000], False), ([300_000] * 10, False), ([2_000_000, 900_000], False), ([9_000_000], True)],
)
def test_large_files_that_leave_make_compaction_due(request_for, repo, tmp_path, sizes, fresh):
    """A fresh machine has not fetched them: it knows the size of those that have a base layer alone."""
    pages = {f"d{n % 20}/{n}.html": b"<p>page</p>" * 20 for n in range(100)}
    media = {f"media/{n}.mp4": os.urandom(size) for n, size in enumerate(sizes)}
    first, second = repo.commits([{**pages, **media}, pages])
    assert build(request_for(first)).compaction_due == ""
    remote = {"source": f"file://{repo.path}", "cache": tmp_path / "fresh"} if fresh else {}
    built = build(request_for(second, **remote))
    assert built.compaction_due.startswith(("about 99% ", "about 100% "))
    compacted = compact(open_object_store(str(repo.path), tmp_path), read_static_image(built.image)).image
    assert compaction_reason(compacted) == ""


def test_an_image_of_an_earlier_version_is_still_read(request_for, repo):
    first, second = repo.commits([{"a": os.urandom(3_000_000), "b": b"1"}, {"b": b"1"}])
    ref = build(request_for(first)).image
    registry = connect(ref.host)
    manifest = registry.manifest(ref)
    state = json.loads(manifest.annotations[STATE])
    del state["bytes"]
    older = replace(manifest, annotations={**manifest.annotations, STATE: json.dumps(state)})
    registry.push_manifest(ref.path, older, "b00000009-older")
    built = build(request_for(second))
    assert built.how == "delta"
    assert "hidden" in built.compaction_due
