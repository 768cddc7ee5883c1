"""A .dockerignore that Docker's client cannot read fails the build of its source, and of no other."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.images.docker import build_image
from pipeline.images.ignore_file import read_ignore_file, sent_paths


@pytest.fixture
def ignoring(tmp_path):
    def write(content):
        (tmp_path / ".dockerignore").write_bytes(content)
        (tmp_path / "Dockerfile").write_text("FROM scratch")
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a\n\n[z-a]\n", "line 3 of .dockerignore is no pattern: bad character range z-a"),
        (b"!x/[9-0]", "line 1 of .dockerignore is no pattern"),
        (b"[\xc3\xa9-a]*", "line 1 of .dockerignore is no pattern"),
        (b"\xe9t\xe9", "is no UTF-8"),
        (b"\xff\xfe*\0", "is no UTF-8"),
        (b"#" * 65537, "more than 65536 bytes"),
        (b"[a]\n" * 501, "more than 500 brackets"),
    ],
)
def test_what_docker_would_stumble_over_is_refused_before_it_is_asked(ignoring, content, why):
    folder = ignoring(content)
    with pytest.raises(TandemError, match="cannot build x:1: ") as error:
        build_image(None, folder, folder / "Dockerfile", {}, "x:1")
    assert why in error.value.message


def test_a_folder_of_that_name_is_refused(tmp_path):
    (tmp_path / ".dockerignore").mkdir()
    with pytest.raises(TandemError, match="is no file"):
        read_ignore_file(tmp_path, "x")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        *(b"**", b"*\n*/*\n!x\n*"),
        b"# [z-a]\n\n*.psd\n!keep.psd\n/drafts/\r\n**/node_modules\n",
        *(b"[", b"[]", b"[!]", b"[^", b"[a-]", b"a\\", b"(", b"a{2}", b"!", b"!!"),
        *(b"/", b"..", b"../../x", b"\0", b"\xc3\xa9"),
    ],
)
def test_dockerfile_and_ignore_file_are_always_sent(ignoring, content):
    folder = ignoring(content)
    paths = set(sent_paths(folder, read_ignore_file(folder, "x")))
    assert {"Dockerfile", ".dockerignore"} <= paths


@pytest.mark.parametrize("name", ["[x]", "a*b", "\\", "!x", "..x", "#x", "build/Dockerfile"])
def test_a_dockerfile_of_any_name_is_sent_when_all_is_ignored(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    assert set(sent_paths(tmp_path, ["**"], name)) == {name}


def test_no_file_is_fine(tmp_path):
    assert read_ignore_file(tmp_path, "x") == []
