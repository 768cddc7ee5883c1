"""Docker gets what .dockerignore leaves of a context, and a Dockerfile of any place."""

import tarfile

import pytest

from pipeline.images.context_archive import pack


@pytest.fixture
def context(tmp_path):
    folder = tmp_path / "context"
    (folder / "docs").mkdir(parents=True)
    for name in ("index.html", "notes.psd", "docs/notes.psd", "docs/a.html"):
        (folder / name).write_text(name)
    (folder / "Dockerfile").write_text("FROM inside\n")
    (folder / ".dockerignore").write_text("**/*.psd\nDockerfile\n")
    (folder / "link").symlink_to("index.html")
    return folder


def packed(*arguments):
    archive, name = pack(*arguments)
    with archive, tarfile.open(fileobj=archive) as tar:
        texts = {each.name: tar.extractfile(each).read().decode() for each in tar if each.isfile()}
        return name, texts, {each.name for each in tar} - set(texts)


def test_a_dockerfile_of_the_context_keeps_its_name(context):
    name, texts, others = packed(context, context / "Dockerfile", ["**/*.psd", "Dockerfile"])
    assert name == "Dockerfile"
    assert others == {"docs", "link"}
    assert set(texts) == {"Dockerfile", ".dockerignore", "index.html", "docs/a.html"}
    assert texts[".dockerignore"] == "**/*.psd\nDockerfile\n"


def test_a_dockerfile_from_elsewhere_is_added_and_never_part_of_the_image(context, tmp_path):
    """Docker removes what the .dockerignore that it gets names; a new name each time would end its cache."""
    (tmp_path / "Dockerfile").write_text("FROM elsewhere\n")
    name, texts, _ = packed(context, tmp_path / "Dockerfile", ["**/*.psd"])
    assert texts[name] == "FROM elsewhere\n"
    assert texts["Dockerfile"] == "FROM inside\n"
    assert texts[".dockerignore"].split() == [".dockerignore", name]
    assert packed(context, tmp_path / "Dockerfile", [])[0] != name
