"""Images keep what the task definition expects of them."""

import gzip
import hashlib
import io
import lzma
import tarfile
from collections.abc import Mapping
from typing import Any

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Digest, ImageRef
from pipeline.deploy.manifest import Release
from pipeline.deploy.preflight import image_contract, volume_content
from pipeline.registry import OCI_CONFIG, OCI_LAYER, Descriptor, Manifest, digest_of


def layer(entries: Mapping[str, int]) -> bytes:
    """A layer with folders (names ending with /) and files of these modes."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, mode in entries.items():
            entry = tarfile.TarInfo(name.rstrip("/"))
            entry.mode = mode
            entry.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            archive.addfile(entry, io.BytesIO())
    return gzip.compress(raw.getvalue())


READABLE = layer({"srv/static/": 0o755, "srv/static/index.html": 0o644})


class Shelf:
    """A registry in memory: what one image needs of it."""

    def __init__(self) -> None:
        self.configs: dict[str, dict[str, Any]] = {
            "app": {
                "architecture": "amd64",
                "config": {"Volumes": {"/tmp": {}}, "ExposedPorts": {"8080/tcp": {}}, "Cmd": ["nginx"]},  # noqa: S108
            },
            "static": {
                "architecture": "amd64",
                "config": {"Volumes": {"/srv/static": {}}, "Entrypoint": ["true"]},
            },
        }
        self.layers = {"app": [], "static": [READABLE]}
        self.sizes: dict[str, int] = {}
        self.gone: set[str] = set()
        self.read: list[Digest] = []

    def __call__(self, host: str) -> "Shelf":
        del host
        return self

    def exists(self, ref: ImageRef) -> bool:
        return self._name(ref) not in self.gone

    def find(self, ref: ImageRef) -> Manifest | None:
        return self.manifest(ref) if self.exists(ref) else None

    def manifest(self, ref: ImageRef) -> Manifest:
        name = self._name(ref)
        if name in self.gone:
            raise TandemError(f"cannot read image {ref}: 404", hint="tandem release")
        blobs = self.layers[name]
        size = self.sizes.get(name)
        layers = [Descriptor(OCI_LAYER, digest_of(blob), size or len(blob)) for blob in blobs]
        return Manifest(Descriptor(OCI_CONFIG, digest_of(b""), 0), tuple(layers))

    def config(self, ref: ImageRef, manifest: Manifest | None = None) -> dict[str, Any]:
        del manifest
        return self.configs[self._name(ref)]

    def has_blob(self, path: str, digest: Digest) -> bool:
        return any(digest_of(blob) == digest for blob in self.layers[path.rpartition("/")[2]])

    def read_blob(self, path: str, digest: Digest) -> bytes:
        self.read.append(digest)
        name = path.rpartition("/")[2]
        blob = next((blob for blob in self.layers[name] if digest_of(blob) == digest), None)
        if blob is None:
            raise TandemError("cannot read blob: 404")
        return blob

    def _name(self, ref: ImageRef) -> str:
        return ref.path.rpartition("/")[2]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def findings(release: Release, shelf: Shelf) -> list[str]:
    return [str(finding) for finding in image_contract.check(release.task_definition, shelf)]


def test_images_that_keep_their_word_have_no_findings(release: Release, shelf: Shelf) -> None:
    assert findings(release, shelf) == []


def test_a_volume_at_another_path_copies_nothing(release: Release, shelf: Shelf) -> None:
    shelf.configs["static"]["config"]["Volumes"] = {"/srv": {}}
    (finding,) = findings(release, shelf)
    assert "VOLUME is /srv, not /srv/static" in finding


def test_another_architecture_is_found(release: Release, shelf: Shelf) -> None:
    shelf.configs["app"]["architecture"] = "arm64"
    (finding,) = findings(release, shelf)
    assert finding.startswith("$.containerDefinitions[0].image: the image is for arm64, the task for X86_64")


def test_a_port_that_the_image_does_not_expose_is_found(release: Release, shelf: Shelf) -> None:
    shelf.configs["app"]["config"]["ExposedPorts"] = {"80/tcp": {}}
    (finding,) = findings(release, shelf)
    assert "exposes 80/tcp, not 8080/tcp" in finding


def test_a_data_image_that_cannot_exit_is_found(release: Release, shelf: Shelf) -> None:
    del shelf.configs["static"]["config"]["Entrypoint"]
    (finding,) = findings(release, shelf)
    assert "neither ENTRYPOINT nor CMD" in finding


def test_content_that_the_apps_user_cannot_read_is_found(release: Release, shelf: Shelf) -> None:
    """Files baked 0600 by root are the classic 403."""
    shelf.layers["static"].append(layer({"srv/static/secret.html": 0o600, "srv/static/d/": 0o700}))
    lines = findings(release, shelf)
    assert len(lines) == 2
    assert "/srv/static/secret.html has mode 0600" in lines[1]


def test_a_later_layer_may_put_right_what_an_earlier_did(release: Release, shelf: Shelf) -> None:
    shelf.layers["static"].insert(0, layer({"srv/static/index.html": 0o600}))
    assert findings(release, shelf) == []


@pytest.mark.parametrize(
    "layers",
    [
        [],
        [layer({"srv/static/": 0o755}), layer({"etc/passwd": 0o644})],
        [READABLE, layer({"srv/static/.wh.index.html": 0o644})],
        [READABLE, layer({"srv/static/.wh..wh..opq": 0o644})],
        [READABLE, layer({"srv/.wh.static": 0o644})],
    ],
)
def test_an_image_without_content_is_found(release: Release, shelf: Shelf, layers: list[bytes]) -> None:
    shelf.layers["static"] = layers
    (finding,) = findings(release, shelf)
    assert "the image carries no file in /srv/static" in finding


def test_what_is_hidden_and_written_again_is_content(release: Release, shelf: Shelf) -> None:
    shelf.layers["static"] = [READABLE, layer({"srv/static/.wh..wh..opq": 0o644, "srv/static/a": 0o644})]
    assert findings(release, shelf) == []


def test_a_large_layer_is_trusted_to_hold_content(release: Release, shelf: Shelf) -> None:
    shelf.layers["static"], shelf.sizes["static"] = [layer({})], 9 * 2**20
    assert findings(release, shelf) == []


def going_back(blocks: int) -> bytes:
    """A header whose size leads back by so many blocks: the next header is itself, or one before it."""
    head = bytearray(tarfile.TarInfo("srv/static/again").tobuf())
    head[124:136] = (-512 * blocks).to_bytes(12, "big", signed=True)
    head[148:156] = b"        "
    head[148:156] = b"%06o\0 " % sum(head)
    return tarfile.TarInfo("srv/static/first").tobuf() + bytes(head) + bytes(1024)


def broken_xz() -> bytes:
    """A layer that is packed with xz, and damaged in the middle of its one file."""
    head = tarfile.TarInfo("srv/static/file")
    head.size = 200 * 512
    whole = lzma.compress(
        head.tobuf()
        + b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(head.size // 32))
        + bytes(1024)
    )
    return whole[:50_000] + bytes(9) + whole[50_009:]


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"no layer at all",
        READABLE[:-30],
        READABLE[:20] + b"x" * 9 + READABLE[29:],
        gzip.compress(b"no tar, though gzip" * 60),
        broken_xz(),
        *(going_back(blocks) for blocks in (1, 2)),
        gzip.compress(going_back(1)),
    ],
)
def test_a_damaged_layer_is_a_finding(release: Release, shelf: Shelf, damaged: bytes) -> None:
    shelf.layers["static"] = [READABLE, damaged]
    (finding,) = findings(release, shelf)
    assert "is damaged" in finding


def test_a_layer_that_python_cannot_unpack_is_trusted(release: Release, shelf: Shelf) -> None:
    shelf.layers["static"] = [b"\x28\xb5\x2f\xfd and more of zstd"]
    assert findings(release, shelf) == []


def test_a_layer_that_unpacks_to_far_more_is_a_finding(
    release: Release, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.deploy.preflight.layer_entries._MOST_UNPACKED", 600)
    (finding,) = findings(release, shelf)
    assert "unpacks to more than" in finding


def test_a_layer_that_the_registry_lost_is_a_finding(release: Release, shelf: Shelf) -> None:
    def lost(_path: str, _digest: Digest) -> bytes:
        raise TandemError("cannot read blob: 404")

    shelf.read_blob = lost  # type: ignore[method-assign]
    (finding,) = findings(release, shelf)
    assert "cannot read blob" in finding


def test_images_beyond_the_tasks_storage_are_found(release: Release, shelf: Shelf) -> None:
    shelf.sizes["static"] = 9 * 2**30
    (finding,) = findings(release, shelf)
    assert "need at least 27 GiB; the task has 20" in finding


def test_an_image_that_is_gone_is_left_to_the_check_of_images(release: Release, shelf: Shelf) -> None:
    shelf.gone.add("static")
    shelf.configs["app"]["architecture"] = "arm64"
    (finding,) = findings(release, shelf)
    assert "the image is for arm64" in finding


@pytest.mark.parametrize(
    ("whiteout", "hidden"),
    [
        ("a/.wh.b", {"a/b", "a/b/c"}),
        (".wh.a", {"a", "a/b", "a/b/c", "a/x", "a/bb"}),
        ("a/.wh..wh..opq", {"a/b", "a/b/c", "a/x", "a/bb"}),
        (".wh..wh..opq", {"a", "a/b", "a/b/c", "a/x", "a/bb", "aa"}),
        ("x/.wh.b", set()),
    ],
)
def test_a_whiteout_hides_one_path_with_all_below_or_all_below_its_folder(
    whiteout: str, hidden: set[str]
) -> None:
    paths = {"a", "a/b", "a/b/c", "a/x", "a/bb", "aa"}
    whole, below = volume_content._whiteouts([whiteout, "a/no-whiteout"])
    assert hidden == {
        path for path in paths if path in whole or (whole | below).intersection(volume_content._folders(path))
    }
