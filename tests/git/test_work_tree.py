"""A snapshot of a work tree has what a commit of everything would have, and leaves the repository alone."""

import shutil
from pathlib import Path

import pytest

from pipeline.core.values import Source
from pipeline.git.object_store import ObjectStore
from pipeline.git.work_tree import WorkTree
from tests.support.repositories import commit, make_origin, run


def files(tree):
    snapshot = tree.snapshot()
    store = ObjectStore(tree.place)
    entries = store.files(store.tree_of(snapshot.id))
    with store.read([entry.id for entry in entries.values()]) as blobs:
        return {path: blob.read() for path, blob in zip(entries, blobs, strict=True)}


@pytest.fixture
def folder(tmp_path):
    return make_origin(tmp_path / "origin")


def tree_of(folder, tmp_path, path="."):
    return WorkTree(folder, tmp_path / "place", Source.APP, path)


def state(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in (folder / ".git").rglob("*") if file.is_file()}


@pytest.mark.slow
def test_it_has_changed_new_and_removed_files(folder, tmp_path):
    tree = tree_of(folder, tmp_path)
    before = files(tree)
    assert set(before) == {".gitattributes", "run.sh", "web/link", "web/page.html"}
    (folder / "run.sh").write_text("#!/bin/bash\n")
    (folder / "web" / "new.html").write_text("new")
    (folder / "web" / "page.html").unlink()
    assert files(tree) == {
        ".gitattributes": before[".gitattributes"],
        "run.sh": b"#!/bin/bash\n",
        "web/link": b"page.html",
        "web/new.html": b"new",
    }


@pytest.mark.slow
def test_it_leaves_the_repository_alone(folder, tmp_path):
    (folder / "new").write_text("new")
    before = state(folder)
    tree_of(folder, tmp_path).snapshot()
    assert state(folder) == before
    assert run("status", "--short", cwd=folder) == "?? new"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["repository", "folder"])
def test_it_has_no_ignored_and_no_untracked_hidden_file(folder, tmp_path, kind):
    if kind == "folder":
        shutil.rmtree(folder / ".git")
        (folder / ".gitattributes").unlink()
    for name in (".env", ".idea/workspace.xml", "web/.htpasswd", "secret.log", "web/.git2/config"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("secret")
    (folder / ".gitignore").write_text("*.log\n")
    paths = set(files(tree_of(folder, tmp_path))) - {".gitattributes"}
    assert paths == {"run.sh", "web/link", "web/page.html"}


@pytest.mark.slow
def test_a_hidden_file_that_git_tracks_is_in_it(folder, tmp_path):
    tree = tree_of(folder, tmp_path)
    (folder / ".well-known").mkdir()
    (folder / ".well-known" / "security.txt").write_text("Contact: x@y")
    assert ".well-known/security.txt" not in files(tree)
    run("add", ".well-known", cwd=folder)
    assert files(tree)[".well-known/security.txt"] == b"Contact: x@y"
    (folder / ".well-known" / "security.txt").write_text("changed")
    assert files(tree)[".well-known/security.txt"] == b"changed"


@pytest.mark.slow
def test_what_a_build_leaves_out_is_known_before_it_is_tracked(folder, tmp_path):
    (folder / "web" / ".dockerignore").write_text("notes\n")
    assert files(tree_of(folder, tmp_path, "web"))["web/.dockerignore"] == b"notes\n"


@pytest.mark.slow
def test_it_needs_no_repository_and_no_commit(tmp_path):
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "index.html").write_text("hello")
    assert files(tree_of(folder, tmp_path)) == {"index.html": b"hello"}
    run("init", "-q", cwd=folder)
    assert files(WorkTree(folder, tmp_path / "other", Source.APP)) == {"index.html": b"hello"}


@pytest.mark.slow
def test_it_reads_repositories_with_long_ids(tmp_path):
    folder = tmp_path / "sha256"
    folder.mkdir()
    run("init", "-q", "--object-format=sha256", cwd=folder)
    (folder / "index.html").write_text("hello")
    commit(folder, "Begin")
    (folder / "index.html").write_text("changed")
    assert files(tree_of(folder, tmp_path)) == {"index.html": b"changed"}


@pytest.mark.slow
def test_it_reads_a_linked_work_tree(folder, tmp_path):
    linked = tmp_path / "linked"
    run("worktree", "add", "-q", "-b", "other", str(linked), cwd=folder)
    (linked / "run.sh").write_text("linked")
    assert files(tree_of(linked, tmp_path))["run.sh"] == b"linked"


@pytest.mark.slow
def test_stored_objects_of_the_repository_are_not_stored_again(folder, tmp_path):
    tree = tree_of(folder, tmp_path)
    tree.snapshot()
    objects = [file for file in (tree.place / "objects").glob("??/*") if file.is_file()]
    assert len(objects) == 1  # the snapshot's commit


@pytest.mark.slow
def test_an_unreadable_index_does_not_stop_it(folder, tmp_path):
    tree = tree_of(folder, tmp_path)
    (folder / ".git" / "index").write_bytes(b"DIRC damaged")
    assert files(tree)["run.sh"] == b"#!/bin/sh\n"


@pytest.mark.slow
def test_an_index_in_two_files_does_not_stop_it(folder, tmp_path):
    run("update-index", "--split-index", cwd=folder)
    assert files(tree_of(folder, tmp_path))["run.sh"] == b"#!/bin/sh\n"
