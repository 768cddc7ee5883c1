"""What was read of a layer is kept: a layer's digest names its content, and its content never changes."""

from pathlib import Path

import pytest

from pipeline.deploy.manifest import Release
from pipeline.deploy.preflight import image_contract
from pipeline.deploy.preflight.layer_entries import KeptEntries
from pipeline.registry import digest_of
from tests.deploy.preflight.test_image_contract import READABLE, Shelf, layer

UNREADABLE = layer({"srv/static/secret.html": 0o600})
FOLDERS = layer({"srv/static/": 0o755})
MORE = layer({"srv/static/b.html": 0o644})


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def kept(tmp_path: Path) -> KeptEntries:
    return KeptEntries(tmp_path / "layers")


def findings(release: Release, shelf: Shelf, kept: KeptEntries | None) -> list[str]:
    shelf.read.clear()
    return [str(finding) for finding in image_contract.check(release.task_definition, shelf, kept)]


def test_only_new_layers_are_read(release: Release, shelf: Shelf, kept: KeptEntries) -> None:
    assert findings(release, shelf, kept) == []
    assert shelf.read == [digest_of(READABLE)]
    shelf.layers["static"].append(MORE)
    assert findings(release, shelf, kept) == []
    assert shelf.read == [digest_of(MORE)]
    assert findings(release, shelf, kept) == []
    assert shelf.read == []


@pytest.mark.parametrize(
    "layers",
    [
        [READABLE, UNREADABLE],
        [UNREADABLE, layer({"srv/static/.wh.secret.html": 0o644}), READABLE],
        [FOLDERS],
        [READABLE, layer({"srv/static/.wh..wh..opq": 0o644})],
        [b"\x28\xb5\x2f\xfd packed by zstd", FOLDERS],
        [READABLE, b"damaged"],
    ],
)
def test_what_is_kept_tells_the_same_as_what_was_read(
    release: Release, shelf: Shelf, kept: KeptEntries, layers: list[bytes]
) -> None:
    shelf.layers["static"] = layers
    expected = findings(release, shelf, None)
    assert findings(release, shelf, kept) == expected
    assert findings(release, shelf, kept) == expected


def test_a_kept_layer_that_the_registry_lost_is_a_finding(
    release: Release, shelf: Shelf, kept: KeptEntries, monkeypatch: pytest.MonkeyPatch
) -> None:
    findings(release, shelf, kept)
    manifest = {name: shelf.manifest(ref) for name, ref in release.images.items() if name in shelf.layers}
    monkeypatch.setattr(shelf, "manifest", lambda ref: manifest[ref.path.rpartition("/")[2]])
    shelf.layers["static"] = []
    (finding,) = findings(release, shelf, kept)
    assert "cannot read blob" in finding


def test_the_layers_of_an_image_before_are_forgotten(
    release: Release, shelf: Shelf, kept: KeptEntries
) -> None:
    findings(release, shelf, kept)
    shelf.layers["static"] = [MORE]
    findings(release, shelf, kept)
    (file,) = kept.folder.iterdir()
    assert str(digest_of(READABLE)) not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '{"no digest": {}}',
        '{"sha256:%s": 7}',
        '{"sha256:%s": {"a": ["sock", 1]}}',
        "\udcff",
    ],
)
def test_a_damaged_file_is_read_as_none(release: Release, shelf: Shelf, kept: KeptEntries, text: str) -> None:
    findings(release, shelf, kept)
    (file,) = kept.folder.iterdir()
    digest = digest_of(READABLE)
    file.write_bytes(text.replace("sha256:%s", str(digest)).encode(errors="surrogateescape"))
    assert findings(release, shelf, kept) == []
    assert shelf.read == [digest]


def test_without_space_on_the_disk_the_layers_are_read_again(
    release: Release, shelf: Shelf, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    kept = KeptEntries(tmp_path / "file")
    assert findings(release, shelf, kept) == []
    assert findings(release, shelf, kept) == []
    assert shelf.read == [digest_of(READABLE)]
