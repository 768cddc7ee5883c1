"""One rule decides for all sources which files of a commit may become part of an image."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.git.printable_text import printable
from pipeline.git.validation import LINK, SUBMODULE, clashes, validate_file

FILE = 0o100644


@pytest.mark.parametrize(
    "path",
    [
        *("../a", "a/../b", "./a", "a/.", "/etc/passwd", "a//b", "", "a/", "a/ .. /b"),
        *(".wh.a", "a/.wh..wh..opq"),
        *("a/.git/config", ".GIT", ".Git/hooks/post-checkout", ".git.", ".git ", "a/.git . ./b", "git~1"),
        *("GIT~1/config", ".git::$INDEX_ALLOCATION/config", ".g\u200cit", "\ufeff.git/x", ".git\\config"),
        *(
            ".git ::$INDEX_ALLOCATION/x",
            ".git. :x",
            "git~1 .:$DATA",
            ".GIT\u200c.::x",
            ".git:",
            f"a/.git{'. ' * 100}",
        ),
        *("..\\a", "a\\..\\b", "a\\.git"),
        *("a\x00b", "a\nb", "a/\x1b]52;c;eA==\x07", "a\x7f", "a\x9bb", "Icon\r"),
    ],
)
def test_path_that_means_another_place_is_refused(path):
    with pytest.raises(TandemError, match="cannot be in an image") as error:
        validate_file(path, FILE)
    assert error.value.message.replace("\u200c", "").isprintable()


@pytest.mark.parametrize(
    "path",
    [
        *(
            "index.html",
            "a b/c@2x.png",
            ".gitignore",
            ".github/x",
            ".gitattributes",
            "git~",
            "a.git/x",
            "...",
        ),
        *(".well-known/x", "a..b", "é/ü", "e\u0301", "dev-disk\\x2dby\\x2did", "a:b", "-rf", "\udcff", "..a"),
    ],
)
def test_unusual_path_is_fine(path):
    validate_file(path, FILE)


def test_length_of_names_and_paths_is_counted_in_bytes():
    validate_file("é" * 127, FILE)
    validate_file(f"{'a/' * 2047}b", FILE)
    for path, reason in (("é" * 128, "a name is longer than 255"), ("a/" * 2048 + "b", "longer than 4096")):
        with pytest.raises(TandemError, match=reason) as error:
            validate_file(path, FILE)
        assert len(error.value.message) < 500


@pytest.mark.parametrize(
    "target", ["", "/etc/passwd", "..", "../..", "../../a", "a/../b", "a/..", "a/up/../../../etc/passwd"]
)
def test_link_that_may_leave_the_tree_is_refused(target):
    validate_file("link", LINK)
    with pytest.raises(TandemError, match="may lead out of the tree"):
        validate_file("link", LINK, target.encode())


@pytest.mark.parametrize("target", ["a\0b", "a\nb", "a" * 4096, "a\x1b[2J"])
def test_link_to_no_valid_path_is_refused(target):
    with pytest.raises(TandemError, match="to no valid path") as error:
        validate_file("link", LINK, target.encode())
    assert error.value.message.isprintable()


@pytest.mark.parametrize("target", ["a", "./a", "../a", "../../a", "nowhere/at/all"])
def test_link_within_the_tree_is_fine(target):
    validate_file("one/two/link", LINK, target.encode())


@pytest.mark.parametrize("mode", [0, 0o100777, 0o104755, 0o060644, 0o010644, 0o140000, 0o040000])
def test_what_is_neither_a_file_nor_a_link_is_refused(mode):
    validate_file("a", 0o100664)
    with pytest.raises(TandemError, match=f"neither a file nor a link: its mode is {mode:o}"):
        validate_file("a", mode)


def test_submodule_is_refused_before_its_content_is_asked_for():
    with pytest.raises(TandemError, match="lib at 1234 is a submodule"):
        validate_file("lib", SUBMODULE, where=" at 1234")


OID = b"oid sha256:" + b"1" * 64 + b"\n"


@pytest.mark.parametrize(
    "content",
    [
        b"version https://git-lfs.github.com/spec/v1\n" + OID + b"size 5\n",
        b"version https://hawser.github.com/spec/v1\n" + OID + b"size 5\n",
        b"version http://git-media.io/v/2\n" + OID + b"size 5",
        b"version https://git-lfs.github.com/spec/v1\r\noid sha256:1\r\nsize 5\r\n",
        b"version https://git-lfs.github.com/spec/v1\next-0-foo sha256:ab\n" + OID + b"size 5\n",
        b"\n version https://git-lfs.github.com/spec/v1\n\n" + OID + b"\r\n\nsize 5\n\n \n",
    ],
)
def test_pointer_is_refused(content):
    with pytest.raises(TandemError, match="is a Git LFS pointer"):
        validate_file("a.bin", FILE, content)


KEY = "SHA256E-s5--" + "1" * 64 + ".png"


def test_pointer_of_git_annex_is_refused():
    """An unlocked file holds the key; a locked one is a link into git's own folder, which no image has."""
    for content in (f"/annex/objects/{KEY}\n", f"/annex/objects/{KEY}", f"/annex/objects/{KEY}\nmore\n"):
        with pytest.raises(TandemError, match="is a git-annex pointer"):
            validate_file("a.png", FILE, content.encode())
    for target in (f".git/annex/objects/a/b/{KEY}/{KEY}", f"../.git/annex/objects/a/b/{KEY}/{KEY}"):
        with pytest.raises(TandemError, match="is a git-annex pointer") as error:
            validate_file("x/a.png", LINK, target.encode())
        assert "git annex unannex" in error.value.hint


@pytest.mark.parametrize(
    "content",
    [
        b"version https://example.com\n" + OID + b"size 5\n",
        b"version https://git-lfs.github.com/spec/v1 is the first line of each pointer.\n",
        b"version https://git-lfs.github.com/spec/v1\n",
        b"version https://git-lfs.github.com/spec/v1\n" + OID,
        b"version https://git-lfs.github.com/spec/v1\n" + OID + b"size 5\n\nis what a pointer looks like\n",
        b"version https://git-lfs.github.com/spec/v1\n" + OID + b"size 5\n" + b"\n" * 1024,
        *(b"/annex/objects/ is a folder", b"/annex/objects/x", f"see /annex/objects/{KEY}".encode()),
    ],
)
def test_text_about_pointers_is_no_pointer(content):
    validate_file("a.txt", FILE, content)


def test_names_that_differ_in_case_or_form_only_clash():
    assert list(clashes(["A", "b", "a"])) == [("A", "a")]
    assert list(clashes(["e\u0301", "\u00e9", "e"])) == [("e\u0301", "\u00e9")]
    assert list(clashes(["E\u0301", "\u00e9"])) == [("E\u0301", "\u00e9")]
    assert list(clashes(["STRASSE", "straße"])) == [("STRASSE", "straße")]


def test_text_of_commits_cannot_steer_a_terminal():
    assert printable("Add \x1b]52;c;eA==\x07 and\r\n\x9b2J\u202e") == "Add ?]52;c;eA==? and  ?2J?"
    assert printable("Fix 👩\u200d💻 ünïcode \udcff") == "Fix 👩\u200d💻 ünïcode ?"
    assert len(printable("a" * 1_000_000)) < 400
