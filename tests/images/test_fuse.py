import gzip
import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import ImageRef
from pipeline.images.fuse import fuse
from pipeline.images.layer_order import LayerVerdicts, may_lie_above
from pipeline.images.static import build
from pipeline.registry import DOCKER_LAYER, Blob, Manifest, Registry, canonical_json, connect, digest_of
from tests.images.static.conftest import base, repo, request_for
from tests.images.static.flatten import flatten
from tests.registry.conftest import host

pytestmark = pytest.mark.slow

__all__ = ["base", "host", "repo", "request_for"]

PROGRAM = tarfile.TarInfo("bin/nginx")
PushApp = Callable[..., ImageRef]


def entry(path: str, kind: bytes = tarfile.REGTYPE, mode: int = 0o755, target: str = "") -> tarfile.TarInfo:
    head = tarfile.TarInfo(path)
    head.type, head.mode, head.linkname = kind, mode, target
    return head


def folder(path: str, mode: int = 0o755) -> tarfile.TarInfo:
    return entry(path, tarfile.DIRTYPE, mode)


def packed(*entries: tarfile.TarInfo) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for head in entries:
            tar.addfile(head, io.BytesIO())
    return gzip.compress(plain.getvalue(), mtime=0)


@pytest.fixture
def push_app(host) -> PushApp:
    """Pushes an app of one layer for each list of entries; a layer may be its bytes."""

    def push(*layers: list[tarfile.TarInfo] | bytes) -> ImageRef:
        blobs = [
            Blob.of(layer if isinstance(layer, bytes) else packed(*layer), DOCKER_LAYER) for layer in layers
        ]
        settings = {
            "architecture": "amd64",
            "os": "linux",
            "config": {"User": "101:101", "Cmd": ["nginx"], "Volumes": {"/run": {}, "/srv/static": {}}},
            "history": [{"created_by": "COPY"}],
            "rootfs": {"type": "layers", "diff_ids": [str(digest_of(blob.content)) for blob in blobs]},
        }
        config = Blob.of(canonical_json(settings), "application/vnd.docker.container.image.v1+json")
        for blob in (*blobs, config):
            connect(host).push_blob("shop/app", blob)
        layers_of_it = tuple(blob.descriptor for blob in blobs)
        return connect(host).push_manifest("shop/app", Manifest(config.descriptor, layers_of_it))

    return push


@pytest.fixture
def static(request_for, repo) -> ImageRef:
    first, second = repo.commits([{"a": b"1", "b": b"2"}, {"a": b"3"}])
    build(request_for(first))
    return build(request_for(second)).image


def layers_of(image: ImageRef) -> list[str]:
    return [str(layer.digest) for layer in connect(image.host).manifest(image).layers]


def diff_ids_of(image: ImageRef) -> list[str]:
    return connect(image.host).config(image)["rootfs"]["diff_ids"]


def test_a_fused_image_is_the_app_with_the_content_in_it(push_app: PushApp, static, host):
    app = push_app([PROGRAM])
    fused = fuse(app, static, f"{host}/shop/site")
    registry = connect(host)
    config = registry.config(fused)
    assert flatten(fused) == flatten(static)
    assert layers_of(app)[0] in layers_of(fused)
    assert len(config["rootfs"]["diff_ids"]) == len(registry.manifest(fused).layers)
    assert config["config"] == {"User": "101:101", "Cmd": ["nginx"], "Volumes": {"/run": {}}}
    assert fused == fuse(app, static, f"{host}/shop/site")


def test_a_change_of_the_app_leaves_all_layers_below_its_own(push_app: PushApp, static, host):
    apps = [push_app([PROGRAM, folder("srv"), folder("./srv/static/")], [entry(name)]) for name in ("x", "y")]
    before, after = (fuse(app, static, f"{host}/shop/site") for app in apps)
    assert layers_of(before)[:-1] == layers_of(after)[:-1]
    assert diff_ids_of(before)[:-1] == diff_ids_of(after)[:-1]
    assert layers_of(after)[-1] == layers_of(apps[1])[-1]
    assert diff_ids_of(after)[-1] == diff_ids_of(apps[1])[-1]


@pytest.mark.parametrize(
    "changing",
    [
        entry("srv/static/a"),
        entry("./srv/static/of-the-app"),
        entry("/srv/static/x/../a"),
        entry("elsewhere/../../srv/static/a"),
        folder("srv/static/images"),
        folder("srv/static", 0o700),
        folder("srv", 0o750),
        folder("./", 0o700),
        entry("srv/static", tarfile.SYMTYPE, target="/data"),
        entry("srv", tarfile.SYMTYPE, target="data"),
        entry("srv/static/b", tarfile.LNKTYPE, target="bin/nginx"),
        entry(".wh.srv"),
        entry("srv/.wh.static"),
        entry("srv/static/.wh.b"),
        entry("srv/.wh..wh..opq"),
        entry("srv/static/.wh..wh..opq"),
        entry(".wh..wh..opq"),
    ],
    ids=lambda head: f"{head.name} {head.mode:o}",
)
def test_an_app_that_changes_the_contents_place_gets_the_content_on_top(
    push_app: PushApp, static, host, changing: tarfile.TarInfo
):
    app = push_app([PROGRAM], [changing], [entry("etc/app.conf")])
    fused = fuse(app, static, f"{host}/shop/site")
    assert layers_of(fused)[:3] == layers_of(app)
    assert diff_ids_of(fused)[:3] == diff_ids_of(app)


@pytest.mark.parametrize(
    "layer", [b"\x28\xb5\x2f\xfd", packed(PROGRAM)[:-9], b""], ids=["zstd", "torn", "empty"]
)
def test_content_lies_on_top_of_layers_that_cannot_be_unpacked(push_app: PushApp, static, host, layer: bytes):
    app = push_app([PROGRAM], layer)
    assert layers_of(fuse(app, static, f"{host}/shop/site"))[:2] == layers_of(app)


def test_layers_are_read_once(push_app: PushApp, static, host, tmp_path: Path, monkeypatch):
    known_verdicts = LayerVerdicts(tmp_path / "cache" / "app-layers.json")
    digests: list[object] = []

    def stream_blob(registry: Registry, path: str, digest, size=None):
        digests.append(digest)
        return stream(registry, path, digest, size)

    stream = Registry.stream_blob
    apps = [push_app([PROGRAM], [entry(name)]) for name in ("x", "srv/static/a")]
    first = [fuse(app, static, f"{host}/shop/{digit}") for digit, app in enumerate(apps)]
    monkeypatch.setattr(Registry, "stream_blob", stream_blob)
    monkeypatch.setattr("pipeline.images.fuse.copy_blobs", lambda *_: None)
    again = [fuse(app, static, f"{host}/shop/{digit}", known_verdicts) for digit, app in enumerate(apps)]
    assert [str(digest) for digest in digests] == [*layers_of(apps[0]), layers_of(apps[1])[1]]
    assert again == first
    assert fuse(apps[1], static, f"{host}/shop/1", known_verdicts) == first[1]
    assert len(digests) == 3


def test_a_verdict_holds_for_one_path(push_app: PushApp, host, tmp_path: Path):
    known_verdicts, registry = LayerVerdicts(tmp_path / "app-layers.json"), connect(host)
    app = push_app([entry("srv/static/a")])
    layers = registry.manifest(app).layers
    assert [
        may_lie_above(registry, app, layers, path, known_verdicts)
        for path in ("/srv/static", "/srv/stat", "/srv/static")
    ] == [False, True, False]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"x": 1}', '"text"'])
def test_damaged_verdicts_are_read_again(push_app: PushApp, static, host, tmp_path: Path, text: str):
    file = tmp_path / "app-layers.json"
    file.write_text(text)
    app = push_app([entry("srv/static/a")])
    assert layers_of(fuse(app, static, f"{host}/shop/site", LayerVerdicts(file)))[0] == layers_of(app)[0]


def test_a_registry_that_fails_decides_no_order(push_app: PushApp, static, host, tmp_path: Path, monkeypatch):
    def stream_blob(*_: object) -> Iterator[bytes]:
        yield packed(PROGRAM)[:9]
        raise TandemError("the registry ended the connection")

    known_verdicts = LayerVerdicts(tmp_path / "app-layers.json")
    app = push_app([PROGRAM])
    monkeypatch.setattr(Registry, "stream_blob", stream_blob)
    with pytest.raises(TandemError, match="ended the connection"):
        fuse(app, static, f"{host}/shop/site", known_verdicts)
    assert not known_verdicts.load()


def test_only_an_image_made_of_layers_is_fused(push_app: PushApp, base, host):
    with pytest.raises(TandemError, match="not built from layers"):
        fuse(push_app([PROGRAM]), base, f"{host}/shop/site")
