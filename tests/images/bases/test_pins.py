"""Base images are pinned by the digests that their tags mean today, from a registry, in every file."""

import json
import re
import shutil
from pathlib import Path

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.deploy import doctor
from pipeline.images.bases import pins, recipe
from pipeline.registry import OCI_CONFIG, Blob, Manifest, Registry, connect
from tests.registry import memory, server

TAGS = {
    *("busybox:1.36-musl", "nginx:1.28-bookworm", "python:3.11-slim-bookworm", "haproxy:2.8-bookworm"),
    *("registry:2", "python:3.12-slim-bookworm", "docker:28-dind"),
}
INDEX = "application/vnd.oci.image.index.v1+json"


def index(text: str) -> bytes:
    """An index of images; it is not looked into."""
    return json.dumps(
        {"schemaVersion": 2, "mediaType": INDEX, "manifests": [], "annotations": {"a": text}}
    ).encode()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The files that name bases, in a folder that a test may change; all by tag."""
    shutil.copytree(ROOT / "images", tmp_path / "images")
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    for file in (path for path in tmp_path.rglob("*") if path.is_file()):
        file.write_text(re.sub(r"@sha256:[0-9a-f]{64}(?=[\"\s])", "", file.read_text()))
    return tmp_path


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch):
    """Docker Hub, as a registry on this machine that serves all tags."""
    with memory.running() as registry:
        for tag in TAGS:
            put(registry, tag, tag)
        monkeypatch.setattr(pins, "_HUB", registry.host)
        yield registry


def put(registry: memory.MemoryRegistry, image: str, text: str) -> str:
    """Let `image` be an index with this text; returns its digest."""
    name, _, tag = image.partition(":")
    digest = memory.sha(index(text))
    registry.manifests[f"library/{name}", digest] = index(text)
    registry.tags[f"library/{name}", tag] = digest
    return digest


def test_every_file_that_names_a_base_is_known() -> None:
    assert {name.partition("@")[0] for names in pins.images_by_file().values() for name in names} == TAGS
    dockerfiles = {
        file for file in (ROOT / "images").glob("*/Dockerfile*") if "ARG BASE=" in file.read_text()
    }
    assert dockerfiles <= set(pins.images_by_file())


@pytest.mark.slow
@pytest.mark.usefixtures("hub")
def test_each_tag_gets_its_digest_in_every_file(root: Path) -> None:
    before = recipe.read(root / "images" / "base").key("nginx")
    assert set(pins.unpinned(root)) == TAGS
    assert pins.pin(root) == {tag: memory.sha(index(tag)) for tag in TAGS}
    assert pins.unpinned(root) == []
    digest = memory.sha(index("nginx:1.28-bookworm"))
    for name in ("app", "monolith"):
        assert (
            f"ARG BASE=nginx:1.28-bookworm@{digest}\n" in (root / "images" / name / "Dockerfile").read_text()
        )
    recipes = recipe.read(root / "images" / "base")
    assert recipes.by_name["nginx"].official == f"nginx:1.28-bookworm@{digest}"
    assert recipes.key("nginx") != before, "another base is chosen, pulled and built upon"
    assert (
        f'name: "docker:28-dind@{memory.sha(index("docker:28-dind"))}"'
        in (root / "templates/release.yml").read_text()
    )


@pytest.mark.slow
def test_they_are_renewed_when_the_tag_means_another_image(root: Path, hub: memory.MemoryRegistry) -> None:
    pins.pin(root)
    files = {file: file.read_text() for file in pins.images_by_file(root)}
    pins.pin(root)
    assert files == {file: file.read_text() for file in files}
    digest = put(hub, "registry:2", "a newer one")
    assert pins.pin(root)["registry:2"] == digest
    assert f'official = "registry:2@{digest}"' in (root / "images/base/bases.toml").read_text()
    changed = [file.name for file, text in files.items() if text != file.read_text()]
    assert changed == ["bases.toml"]


@pytest.mark.slow
def test_nothing_is_written_unless_every_tag_is_there(root: Path, hub: memory.MemoryRegistry) -> None:
    del hub.tags["library/python", "3.12-slim-bookworm"]
    files = {file: file.read_text() for file in pins.images_by_file(root)}
    with pytest.raises(
        TandemError, match=r"cannot pin python:3\.12-slim-bookworm: .* has no such image"
    ) as refused:
        pins.pin(root)
    assert refused.value.hint.endswith("git grep -n python:3.12-slim-bookworm")
    assert files == {file: file.read_text() for file in files}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "why"),
    [(b"<html>log in</html>", "JSON"), (b'{"errors": []}', "neither an image nor an index"), (b"[]", "JSON")],
)
def test_an_answer_that_is_no_image_is_refused(hub: memory.MemoryRegistry, content: bytes, why: str) -> None:
    hub.answer = lambda _: memory.Answer(200, {}, content)
    with pytest.raises(TandemError, match=why):
        connect(hub.host).pin("library/busybox", "1.36-musl")


@pytest.mark.slow
def test_a_digest_that_is_not_the_contents_is_refused(hub: memory.MemoryRegistry) -> None:
    headers = {"Docker-Content-Digest": f"sha256:{'0' * 64}"}
    hub.answer = lambda _: memory.Answer(200, headers, index("a"))
    with pytest.raises(TandemError, match=r"busybox:1\.36-musl"):
        connect(hub.host).pin("library/busybox", "1.36-musl")


@pytest.mark.slow
def test_a_real_registry_gives_the_digest_that_it_serves_the_image_by(tmp_path: Path) -> None:
    with server.running(tmp_path) as host:
        registry: Registry = connect(host)
        config = Blob.of(b"{}", OCI_CONFIG)
        registry.push_blob("library/busybox", config)
        pushed = registry.push_manifest("library/busybox", Manifest(config.descriptor, ()), "1.36-musl")
        assert registry.pin("library/busybox", "1.36-musl") == pushed
        assert registry.pin("library/busybox", "another") is None


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("busybox:1.36-musl", ("registry-1.docker.io", "library/busybox", "1.36-musl")),
        ("busybox", ("registry-1.docker.io", "library/busybox", "latest")),
        ("you/nginx:1", ("registry-1.docker.io", "you/nginx", "1")),
        ("docker.io/nginx:1", ("registry-1.docker.io", "library/nginx", "1")),
        ("docker.io/you/nginx:1@sha256:0", ("registry-1.docker.io", "you/nginx", "1")),
        ("registry.example:5000/a/b:1", ("registry.example:5000", "a/b", "1")),
        ("registry.example:5000/a/b", ("registry.example:5000", "a/b", "latest")),
        ("localhost/a:1", ("localhost", "a", "1")),
        ("public.ecr.aws/docker/library/nginx:1", ("public.ecr.aws", "docker/library/nginx", "1")),
    ],
)
def test_an_image_is_asked_for_where_an_engine_would(image: str, parts: tuple[str, str, str]) -> None:
    assert pins.split_image(image) == parts


@pytest.mark.parametrize(
    ("image", "by_digest"),
    [
        ("nginx:1", "nginx:1"),
        ("nginx:1@sha256:0", "nginx@sha256:0"),
        ("nginx@sha256:0", "nginx@sha256:0"),
        ("registry.example:5000/a/b:1@sha256:0", "registry.example:5000/a/b@sha256:0"),
        ("registry.example:5000/a/b@sha256:0", "registry.example:5000/a/b@sha256:0"),
    ],
)
def test_a_pinned_image_is_pulled_by_its_digest(image: str, by_digest: str) -> None:
    assert pins.by_digest(image) == by_digest


def test_the_doctor_names_what_is_not_pinned(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = pins.unpinned(root)
    monkeypatch.setattr(pins, "unpinned", lambda: images)
    assert "nginx:1.28-bookworm" in doctor._bases()
    assert "`make lock-bases` pins them" in doctor._bases()
    monkeypatch.setattr(pins, "unpinned", list)
    assert doctor._bases() == "pinned by digest"


@pytest.mark.slow
@pytest.mark.usefixtures("hub")
def test_the_check_refuses_what_is_not_pinned(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert pins.main(["--check"], root) == 1
    assert (
        "error: busybox:1.36-musl is not pinned by digest\nhint:  make lock-bases\n"
        in capsys.readouterr().err
    )
    assert pins.main([], root) == 0
    assert "next: git commit" in capsys.readouterr().out
    assert pins.main(["--check"], root) == 0


@pytest.mark.slow
def test_a_registry_that_refuses_is_an_error_with_a_hint(
    root: Path, hub: memory.MemoryRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.answer = lambda _: memory.Answer(403)
    assert pins.main([], root) == 1
    assert capsys.readouterr().err.startswith("error: cannot read image ")
