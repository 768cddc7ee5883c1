"""One rule decides for all sources which files of a commit may become part of an image."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.git.validation import LINK, SUBMODULE, validate_file

FILE = 0o100644


@pytest.mark.parametrize("path", ["../a", "a/../b", "a/.git/config", ".wh.a", "a/.wh..wh..opq"])
def test_path_that_means_another_place_is_refused(path):
    with pytest.raises(TandemError, match=r"leaves its folder|cannot be in an image"):
        validate_file(path, FILE)


@pytest.mark.parametrize("target", ["", "/etc/passwd", "..", "../..", "../../a", "a/../b", "a/.."])
def test_link_that_may_leave_the_tree_is_refused(target):
    validate_file("link", LINK)
    with pytest.raises(TandemError, match="may lead out of the tree"):
        validate_file("link", LINK, target.encode())


@pytest.mark.parametrize("target", ["a", "./a", "../a", "../../a", "nowhere/at/all"])
def test_link_within_the_tree_is_fine(target):
    validate_file("one/two/link", LINK, target.encode())


def test_submodule_is_refused_before_its_content_is_asked_for():
    with pytest.raises(TandemError, match="lib at 1234 is a submodule"):
        validate_file("lib", SUBMODULE, where=" at 1234")


def test_pointer_is_refused_by_its_first_line():
    with pytest.raises(TandemError, match="is a Git LFS pointer"):
        validate_file("a.bin", FILE, b"version https://git-lfs.github.com/spec/v1\n" + bytes(5000))
    validate_file("a.bin", FILE, b"version https://example.com")
