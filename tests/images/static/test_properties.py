"""Any sequence of trees, built one on top of the other, gives exactly the last tree and what is kept."""

import os
import tempfile
import uuid
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipeline.images.static import Bridge, BuildRequest, build
from pipeline.images.static.image.annotations import read_state
from pipeline.registry import connect
from pipeline.registry.transport import Transport
from tests.images.static.flatten import flatten
from tests.images.static.model import PATTERNS, TREES, Bridged, expected, files_of, flat
from tests.images.static.repo import F, Repo, link

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("TANDEM_EXAMPLES", "3"))
FEW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="TANDEM_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
HISTORIES = st.lists(TREES.map(flat), min_size=2, max_size=6)


class Crash(BaseException):
    """The machine goes away."""


@contextmanager
def build_requests(host, base, history, **more):
    """One build request for each tree of `history`."""
    with tempfile.TemporaryDirectory() as folder:
        repo = Repo(Path(folder, "content.git"))
        first = BuildRequest(
            source=str(repo.path),
            commit="",
            repository=f"{host}/property/{uuid.uuid4().hex}",
            runtime_image=base,
            cache=Path(folder, "cache"),
            precompress=PATTERNS,
        )
        commits = repo.commits(history)
        yield [replace(first, commit=commit, **more) for commit in commits]


@pytest.fixture
def small_tiers(monkeypatch):
    """Merge after every few builds, so that short histories see it."""
    monkeypatch.setattr("pipeline.images.static.layers.merge.PER_TIER", 2)


@FEW
@given(HISTORIES, st.integers(0, 2))
@example([{"x.css.gz/a": link("x")}, {"a": link("x"), "x.css": F(b"")}], 1)
def test_each_build_gives_its_tree_and_what_is_kept(host, base, history, releases):
    model = Bridged(releases)
    with build_requests(host, base, history, bridge=Bridge(releases, ("**",))) as requests:
        for request, tree in zip(requests, history, strict=True):
            assert model.build(tree) == files_of(flatten(build(request).image))


@pytest.mark.usefixtures("small_tiers")
@FEW
@given(HISTORIES)
def test_merged_layers_give_the_same_files(host, base, history):
    with build_requests(host, base, history) as requests:
        for request, tree in zip(requests, history, strict=True):
            assert expected(tree) == files_of(flatten(build(request).image))


@FEW
@given(HISTORIES, st.data())
@example([{"a": F(b""), "b": F(b"1")}, {}], None)
def test_a_fresh_machine_gives_the_same_images(host, base, history, data):
    """At any point the clone, the cache and all local files are gone."""
    with build_requests(host, base, history) as requests:
        warm = [build(request).image for request in requests]
        fresh = data.draw(st.integers(1, len(history) - 1)) if data else 1
        request = replace(
            requests[fresh],
            source=f"file://{requests[fresh].source}",
            cache=requests[fresh].cache / "fresh",
            predecessor=warm[fresh - 1],
        )
        assert built_of(warm[fresh]) == built_of(build(request).image)


def built_of(image):
    """Layers, configuration and state of an image. Hidden bytes are estimated where a file is not at hand."""
    manifest = connect(image.host).manifest(image)
    return manifest.layers, manifest.config, replace(read_state(manifest.annotations), dead=0)


@FEW
@given(HISTORIES, st.data())
def test_a_crash_at_any_request_leaves_whole_images(host, base, history, data):
    with build_requests(host, base, history) as requests:
        for request, tree in zip(requests, history, strict=True):
            requests_left = data.draw(st.integers(0, 12))
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(Transport, "_once", _crashing(Transport._once, requests_left))
                with suppress(Crash):
                    build(request)
            registry, path = connect(host), request.repository.partition("/")[2]
            for tag in registry.tags(path):
                flatten(registry.resolve(path, tag))
            assert expected(tree) == files_of(flatten(build(request).image))


def _crashing(real, requests_left):
    def once(*arguments, **more):
        nonlocal requests_left
        if not requests_left:
            raise Crash
        requests_left -= 1
        return real(*arguments, **more)

    return once
