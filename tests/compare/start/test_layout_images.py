"""A task's images are built once for all layouts, and share no layer with each other or another start."""

from types import SimpleNamespace

import pytest

from pipeline.compare.measurement import Variant
from pipeline.compare.start.layout_images import ImagesOfSize
from pipeline.core.values import ImageRef, Layout
from pipeline.registry import connect
from tests.compare.start.registry_images import layer, push
from tests.registry import server

pytestmark = pytest.mark.slow  # a registry runs


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    with server.running(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture(scope="module")
def pushed(host):
    base = layer("base", b"0" * 3000)
    return {
        name: push(host, base, layer(name, name.encode()), path=f"compare/{name}")
        for name in ("app", "static", "site", "monolith")
    }


def images(host, pushed, folder, mark="m1"):
    """The images of a size that are built already."""
    built = {Variant.FUSED: pushed, Variant.MONOLITH: pushed}
    registries = SimpleNamespace(warm=host)
    return ImagesOfSize(None, None, folder, registries, mark, {"io.tandem.stack": "x-start"}, built)


def layers(layout_images):
    return [
        each.digest
        for name in layout_images.images.values()
        for each in connect(layout_images.host).manifest(ImageRef.parse(name)).layers
    ]


def test_images_that_are_pulled_at_the_same_time_share_no_layer(host, pushed, tmp_path):
    sidecar = images(host, pushed, tmp_path).of(Layout.SIDECAR)
    assert list(sidecar.images) == ["app", "static"]
    assert len(set(layers(sidecar))) == 6, "the base that both have is a layer of each"


def test_each_layout_runs_its_own_images_and_names_their_bytes(host, pushed, tmp_path):
    supply = images(host, pushed, tmp_path)
    assert list(supply.of(Layout.MONOLITH).images) == ["monolith"]
    assert list(supply.of(Layout.FUSED).images) == ["site"]
    assert supply.of(Layout.FUSED) is supply.of(Layout.FUSED)
    registry = connect(host)
    for layout in Layout:
        layout_images = supply.of(layout)
        refs = [ImageRef.parse(name) for name in layout_images.images.values()]
        assert layout_images.bytes == sum(each.size for ref in refs for each in registry.manifest(ref).layers)


def test_another_comparison_has_other_layers(host, pushed, tmp_path):
    first = images(host, pushed, tmp_path).of(Layout.MONOLITH)
    second = images(host, pushed, tmp_path, "m2").of(Layout.MONOLITH)
    assert not set(layers(first)) & set(layers(second))
