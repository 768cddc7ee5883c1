import pytest

from pipeline.core.errors import TandemError
from pipeline.images.static import build
from pipeline.registry import connect
from tests.images.static.flatten import files
from tests.images.static.repo import F, link

pytestmark = pytest.mark.slow

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 5\n"


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"d/video.mp4": LFS}, "d/video.mp4 is a Git LFS pointer"),
        ({"d/.wh.a": b""}, "d/.wh.a cannot be in an image"),
        ({"d/.wh.x/a": b""}, "cannot be in an image"),
        ({"a": link("/etc/passwd")}, "a is a link to '/etc/passwd'"),
        ({"d/a": link("../../etc")}, "lead out of the tree"),
        ({"d/a": link("x/../../..")}, "lead out of the tree"),
        ({"a": F(b"1" * 40, "160000")}, "a is a submodule"),
    ],
)
def test_what_an_image_cannot_hold_is_refused(request_for, repo, tree, message):
    """In a first build and in a later one; no tag and no manifest is left behind."""
    bad, fine, worse = repo.commits([{"fine": b"1", **tree}, {"fine": b"1"}, {"fine": b"2", **tree}])
    tags = set()
    for commit in (bad, worse):
        with pytest.raises(TandemError, match=message):
            build(request_for(commit))
        host, _, path = request_for(commit).repository.partition("/")
        assert tags == set(connect(host).tags(path))
        build(request_for(fine))
        tags = set(connect(host).tags(path))


def test_links_within_the_tree_are_fine(request_for, repo):
    tree = {"a/b/c": link("../../x"), "x": b"1", "a/d": link("b"), "e": link("nowhere")}
    assert set(tree) == set(files(build(request_for(repo.commit(tree))).image))


def test_a_folder_that_is_not_there_is_named(request_for, repo):
    with pytest.raises(TandemError, match="has no folder 'public/files'"):
        build(request_for(repo.commit({"public/file": b"1"}), path="public/files"))


def test_a_folder_of_the_repository_can_be_the_content(request_for, repo):
    commit = repo.commit({"public/a": b"1", "private": b"2"})
    assert files(build(request_for(commit, path="public")).image) == {"a": b"1"}


def test_names_that_differ_in_case_only_are_warned_of(request_for, repo, capsys):
    first, second = repo.commits([{"d/A": b"", "d/a": b""}, {"d/A": b"", "d/a": b"", "D/b": b""}])
    build(request_for(first))
    assert "d has both A and a" in capsys.readouterr().err
    build(request_for(second))
    assert ". has both D and d" in capsys.readouterr().err


def test_a_missing_repository_is_named(request_for, tmp_path):
    with pytest.raises(TandemError, match="is no git repository"):
        build(request_for("0" * 40, source=str(tmp_path)))


def test_a_missing_commit_is_named(request_for, repo):
    repo.commit({"a": b""})
    with pytest.raises(TandemError, match="git has no object 000"):
        build(request_for("0" * 40))
    with pytest.raises(TandemError, match="cannot fetch from file://"):
        build(request_for("0" * 40, source=f"file://{repo.path}"))


def test_rewritten_history_is_read_as_a_whole(request_for, repo, capsys):
    first, second = repo.commits([{"a": b"1"}, {"a": b"2", "b": b"3"}])
    build(request_for(first))
    tree = repo.git("rev-parse", f"{first}^{{tree}}")
    lone = repo.git("commit-tree", f"{second}^{{tree}}", "-m", "rewritten")
    repo.git("update-ref", "refs/heads/main", lone)
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "--prune=now", "--quiet")
    assert tree not in repo.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    built = build(request_for(lone))
    assert built.how == "cold"
    assert "reading the tree as a whole" in capsys.readouterr().err
    assert files(built.image) == {"a": b"2", "b": b"3"}


def test_content_that_is_suddenly_empty_is_refused(request_for, repo):
    """In a first build and on top of an image that has content; and no image comes of it."""
    empty, full, empty_again = repo.commits([{}, {"public/a": b"1"}, {}])
    with pytest.raises(TandemError, match=r"has no file in '\.'") as error:
        build(request_for(empty, may_be_empty=False))
    assert "sources.static.path" in error.value.hint
    built = build(request_for(full))
    with pytest.raises(TandemError, match="would lose it all"):
        build(request_for(empty_again, may_be_empty=False))
    host, _, path = request_for(full).repository.partition("/")
    assert len(connect(host).tags(path)) == 1
    assert files(built.image) == {"public/a": b"1"}


@pytest.mark.parametrize(
    "tree",
    [
        {"s" * 256: b"1"},
        {"d/" + "é" * 128: b"1"},
        {"s" * 256 + "/f": b"1"},
        pytest.param({"a/" * 1950 + "f": b"1"}, marks=pytest.mark.slow),
        pytest.param({"é/" * 1300 + "f": b"1"}, marks=pytest.mark.slow),
        {"a": link("b" * 4096)},
    ],
)
def test_what_no_runtime_can_unpack_is_refused(request_for, repo, tree):
    with pytest.raises(TandemError) as caught:
        build(request_for(repo.commit(tree)))
    assert len(caught.value.message) < 400


def test_a_sibling_whose_name_would_be_too_long_is_left_out(request_for, repo):
    """In a first build and in a later one; one byte less, and it is there."""
    css = b"body { color: red }" * 100
    names = ["s" * length + ".css" for length in (247, 248, 249, 250, 251)]
    first, second = repo.commits([dict.fromkeys(names, css), dict.fromkeys(names, css + b"1")])
    for commit in (first, second):
        image = build(request_for(commit, precompress=("*.css",))).image
        assert files(image).keys() == {*names, names[0] + ".gz", names[1] + ".gz"}


@pytest.mark.slow
def test_folders_may_be_deeper_than_python_recurses(request_for, repo):
    assert build(request_for(repo.commit({"a/" * 1100 + "f": b"1"}))).files == 1


def test_deep_folders_are_built(request_for, repo):
    deep = "a/" * 120
    first, second = repo.commits([{f"{deep}f": b"1", "k": b"1"}, {f"{deep}g": b"2", "k": b"1"}])
    assert files(build(request_for(first)).image) == {f"{deep}f": b"1", "k": b"1"}
    assert files(build(request_for(second)).image) == {f"{deep}g": b"2", "k": b"1"}
