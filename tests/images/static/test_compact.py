import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.git.remote import open_object_store
from pipeline.images.static import Bridge, build
from pipeline.images.static.compact import compact
from pipeline.images.static.image.previous import read_static_image
from pipeline.registry import connect
from tests.images.static.flatten import files, flatten
from tests.images.static.model import Bridged, files_of
from tests.images.static.test_properties import FEW, HISTORIES, build_requests

pytestmark = pytest.mark.slow


def compacted(request, ref):
    return compact(open_object_store(request.source, request.cache), read_static_image(ref))


@pytest.fixture
def many_groups(monkeypatch):
    """Cut even small trees into many base layers."""
    monkeypatch.setattr("pipeline.images.static.path_groups._SMALLEST", 1)


@pytest.mark.usefixtures("many_groups")
@FEW
@given(HISTORIES, st.integers(0, 2))
def test_compaction_keeps_every_file_and_builds_go_on(host, base, history, releases):
    model = Bridged(releases)
    with build_requests(host, base, history, bridge=Bridge(releases, ("**",))) as requests:
        for request, tree in zip(requests, history, strict=True):
            ref = build(request).image
            smaller = compacted(request, ref).image
            assert flatten(ref) == flatten(smaller.ref)
            assert model.build(tree) == files_of(flatten(smaller.ref))
            assert build(request).image == smaller.ref


@pytest.mark.usefixtures("many_groups")
def test_base_layers_that_no_delta_touches_stay(request_for, repo):
    tree = {f"d{n:02}/f{m}": os.urandom(900) for n in range(20) for m in range(10)}
    changed = {**tree, "d03/f1": b"new", "d17/new": b"1"}
    del changed["d03/f2"]
    first, second = (request_for(commit) for commit in repo.commits([tree, changed]))
    cold, delta = build(first), build(second)
    smaller = compacted(second, delta.image)
    assert changed == files(smaller.image.ref)
    assert 12 <= cold.layers <= 24
    assert smaller.reused >= cold.layers - 4
    assert smaller.sent < delta.bytes / 5


def test_a_build_on_an_image_builds_on_what_compaction_made_of_it(request_for, repo):
    first, second, third = (request_for(c) for c in repo.commits([{"a": b"1"}, {"a": b"2"}, {"a": b"3"}]))
    build(first)
    released = build(second).image
    smaller = compacted(second, released).image
    assert build(replace(second, predecessor=released)).image == released
    built = build(replace(third, predecessor=released))
    assert files(built.image) == {"a": b"3"}
    base = [layer.digest for layer in connect(built.image.host).manifest(built.image).layers]
    assert [layer.digest for layer in smaller.manifest.layers] == base[:-1]
