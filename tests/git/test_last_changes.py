"""The last commits, with every file that they changed, whatever its name."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.git.last_changes import ChangedFile, last_changes
from tests.support.repositories import commit, init, run

pytestmark = pytest.mark.slow


@pytest.fixture
def repository(tmp_path):
    init(tmp_path)
    (tmp_path / "page.html").write_text("12345")
    (tmp_path / "old").write_text("x")
    commit(tmp_path, "Begin")
    return tmp_path


def test_each_commit_has_its_files_and_their_sizes(repository):
    (repository / "page.html").write_text("1234567")
    (repository / "old").unlink()
    newest = commit(repository, "Change")
    second, first = last_changes(repository / ".git", "main", 9)
    assert second.id == newest
    assert second.files == (ChangedFile("old", 0), ChangedFile("page.html", 7))
    assert first.files == (ChangedFile("old", 1), ChangedFile("page.html", 5))
    assert second.at >= first.at > 1_600_000_000
    assert [each.id for each in last_changes(repository / ".git", "main", 1)] == [newest]


@pytest.mark.parametrize("name", [":100644 x", "\x01abc\x022", "with\nline", "tab\tquote\"'", "ü", " end "])
def test_names_are_read_as_they_are(repository, name):
    (repository / name).write_text("123")
    commit(repository, "Add")
    assert last_changes(repository / ".git", "main", 1)[0].files == (ChangedFile(name, 3),)


def test_a_merge_is_one_commit_with_all_that_it_brings(repository):
    run("checkout", "-q", "-b", "side", cwd=repository)
    for name in ("a", "b"):
        (repository / name).write_text(name)
        commit(repository, name)
    run("checkout", "-q", "main", cwd=repository)
    run("merge", "-q", "--no-ff", "-m", "Merge", "side", cwd=repository)
    merge, first = last_changes(repository / ".git", "main", 9)
    assert [file.path for file in merge.files] == ["a", "b"]
    assert len(first.files) == 2


def test_a_commit_without_files_and_a_missing_revision(repository):
    run("commit", "-q", "--allow-empty", "-m", "Nothing", cwd=repository)
    assert last_changes(repository / ".git", "main", 1)[0].files == ()
    with pytest.raises(TandemError):
        last_changes(repository / ".git", "none", 1)
