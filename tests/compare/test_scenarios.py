"""Scenarios change throw-away clones, never the source."""

import subprocess

import pytest

from pipeline.compare.scenarios import ThrowAwayClone
from pipeline.core.errors import TandemError
from pipeline.git.command import git_text, run_git

pytestmark = pytest.mark.slow


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    run_git("init", "--quiet", "--initial-branch=main", str(folder))
    (folder / "site").mkdir()
    (folder / "site" / "index.html").write_text("<p>page</p>\n")
    (folder / "site" / "data.bin").write_bytes(b"\0\1")
    run_git("-C", str(folder), "add", "--all")
    who = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    run_git("-C", str(folder), *who, "commit", "--quiet", "-m", "Begin")
    return folder


def _head(folder):
    return git_text("rev-parse", "main", repository=folder)


def test_one_line_of_one_page_changes(source, tmp_path):
    clone = ThrowAwayClone(str(source), "main", tmp_path / "clone.git")
    assert clone.edit_one_line("site", "a mark") == "site/index.html"
    changed = git_text("diff", "--numstat", "main~1", "main", repository=clone.folder)
    assert changed.split() == ["2", "0", "site/index.html"]
    page = run_git("show", "main:site/index.html", repository=clone.folder)
    assert page == b"<p>page</p>\n\n<!-- a mark -->\n"


def test_the_source_stays_as_it_is(source, tmp_path):
    before = _head(source / ".git")
    ThrowAwayClone(str(source), "main", tmp_path / "clone.git").edit_one_line(".", "a mark")
    assert before == _head(source / ".git")
    status = subprocess.run(["git", "-C", source, "status", "--porcelain"], capture_output=True, check=True)
    assert status.stdout == b""


def test_a_folder_without_such_a_file_is_refused(source, tmp_path):
    clone = ThrowAwayClone(str(source), "main", tmp_path / "clone.git")
    with pytest.raises(TandemError, match="no file to change under nowhere"):
        clone.edit_one_line("nowhere", "a mark")
