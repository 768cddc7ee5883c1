"""Sources against real git repositories."""

import os
from pathlib import Path

import pytest

from pipeline.core.values import Commit, Source
from pipeline.git import sources
from pipeline.git.command import git_environment
from tests.support.repositories import at, commit, make_origin, run

pytestmark = pytest.mark.slow


@pytest.fixture
def origin(tmp_path):
    return make_origin(tmp_path / "origin")


@pytest.fixture(params=["path", "url"])
def place(request, origin):
    """The repository as users name it: a path, or a URL."""
    return str(origin) if request.param == "path" else origin.as_uri()


def test_head_is_read_from_the_repository(tmp_path, origin, place):
    project = at(tmp_path, place)
    (origin / "new").write_text("x")
    newest = commit(origin, "Add a file: ünïcode")
    assert sources.head(project, Source.APP) == Commit(Source.APP, newest, "Add a file: ünïcode")


def test_checkout_is_the_commits_bytes(tmp_path, origin, place):
    """Neither attributes nor line endings touch them; modes and links stay."""
    project = at(tmp_path, place)
    raw = run("cat-file", "blob", "HEAD:web/page.html", cwd=origin).encode()
    tree = sources.checkout(project, sources.head(project, Source.APP), tmp_path / "out")
    assert (tree / "web" / "page.html").read_bytes().strip() == raw.strip()
    assert b"\r" not in (tree / "web" / "page.html").read_bytes(), "stored with LF, though eol=crlf"
    assert (tree / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (tree / "web" / "link").readlink() == Path("page.html")


def test_checkout_of_an_older_commit_ignores_the_work_tree(tmp_path, origin, place):
    project = at(tmp_path, place)
    first = sources.head(project, Source.APP)
    (origin / "web" / "page.html").write_text("later")
    commit(origin, "Change the page")
    tree = sources.checkout(project, first, tmp_path / "out")
    assert (tree / "web" / "page.html").read_bytes() != b"later"


def test_path_selects_a_folder(tmp_path, place):
    project = at(tmp_path, place, path="web")
    tree = sources.checkout(project, sources.head(project, Source.APP), tmp_path / "out")
    assert sorted(file.name for file in tree.iterdir()) == ["link", "page.html"]


def test_tree_id_stays_when_only_other_folders_change(tmp_path, origin, place):
    project = at(tmp_path, place, path="web")
    before = sources.tree_id(project, sources.head(project, Source.APP))
    (origin / "other").write_text("x")
    commit(origin, "Change another folder")
    assert sources.tree_id(project, sources.head(project, Source.APP)) == before


def test_mirror_of_a_url_holds_no_blob_that_nobody_asked_for(tmp_path, origin):
    project = at(tmp_path, origin.as_uri())
    head = sources.head(project, Source.APP)
    mirror = sources.fetch(project, Source.APP, head.id).place
    listed = run("rev-list", "--objects", "--missing=print", "--no-walk", head.id, cwd=mirror).splitlines()
    assert sum(line.startswith("?") for line in listed) == 4


def test_changed_subjects_are_newest_first(tmp_path, origin, place):
    project = at(tmp_path, place)
    old = sources.head(project, Source.APP)
    for subject in ("Second", "Third"):
        (origin / "x").write_text(subject)
        newest = commit(origin, subject)
    assert sources.changed_subjects(project, Source.APP, old.id, newest) == ["Third", "Second"]
    assert sources.changed_subjects(project, Source.APP, "0" * 40, newest) == ["Third"]


def test_environment_of_a_hook_does_not_leak(tmp_path, origin, monkeypatch):
    """A post-receive hook runs with GIT_DIR of the repository that was pushed to."""
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other.git"))
    monkeypatch.setenv("GIT_QUARANTINE_PATH", str(tmp_path))
    monkeypatch.setenv("GIT_SSL_CAINFO", os.environ.get("GIT_SSL_CAINFO", "/ca.pem"))
    project = at(tmp_path, str(origin))
    assert sources.head(project, Source.APP).subject == "Begin"
    assert "GIT_SSL_CAINFO" in git_environment()
