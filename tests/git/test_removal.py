"""How many files a commit removes is counted from trees."""

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source
from pipeline.git.removal import Removal, removal
from tests.support.repositories import at, commit, make_origin, run

pytestmark = pytest.mark.slow


@pytest.fixture
def origin(tmp_path):
    """30 files in two folders and one at the top."""
    folder = make_origin(tmp_path / "origin")
    for number in range(30):
        file = folder / "site" / f"d{number % 2}" / "deep" / f"f{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(number))
    (folder / "site" / "index.html").write_text("hello")
    return folder


def removed(tmp_path, origin, change, path="site"):
    first = commit(origin, "first")
    change(origin / "site")
    second = commit(origin, "second")
    project = at(tmp_path, str(origin), path=path)
    return removal(project, *(Commit(Source.APP, name, "") for name in (first, second)))


def test_deleted_files_are_counted_and_put_in_relation(tmp_path, origin):
    def delete(site):
        run("rm", "-rq", "site/d0", "site/d1", cwd=site.parent)

    change = removed(tmp_path, origin, delete)
    assert (change, str(change)) == (Removal(30, 31), "removes 30 of 31 files")
    assert change.is_mass


def test_a_moved_folder_is_removed_from_its_address(tmp_path, origin):
    change = removed(tmp_path, origin, lambda site: (site / "d0").rename(site / "d9"))
    assert change == Removal(15, 0)
    assert not change.is_mass


def test_changed_and_new_files_are_not_removed(tmp_path, origin):
    def edit(site):
        (site / "d0" / "deep" / "f0.txt").write_text("other")
        (site / "d0" / "new.txt").write_text("new")

    assert removed(tmp_path, origin, edit) == Removal(0, 0)


def test_a_file_in_place_of_a_folder_removes_the_folders_files(tmp_path, origin):
    def replace(site):
        run("rm", "-rq", "site/d0", cwd=site.parent)
        (site / "d0").write_text("a file now")

    assert removed(tmp_path, origin, replace).removed == 15


def test_a_folder_in_place_of_a_file_removes_the_file(tmp_path, origin):
    def replace(site):
        (site / "index.html").unlink()
        (site / "index.html").mkdir()
        (site / "index.html" / "x").write_text("x")

    assert removed(tmp_path, origin, replace).removed == 1


def test_only_the_sources_path_counts(tmp_path, origin):
    def delete(site):
        run("rm", "-rq", "site/d1", cwd=site.parent)

    assert removed(tmp_path, origin, delete, path="site/d0") == Removal(0, 0)


def test_a_commit_that_is_gone_is_an_error(tmp_path, origin):
    head = commit(origin, "first")
    project = at(tmp_path, str(origin), path="site")
    with pytest.raises(TandemError):
        removal(project, Commit(Source.APP, "1" * 40, ""), Commit(Source.APP, head, ""))


@pytest.mark.parametrize(
    ("removed", "total", "is_mass"),
    [(19, 19, False), (20, 20, True), (20, 40, False), (21, 41, True), (4252, 4253, True), (0, 0, False)],
)
def test_most_of_many_files_is_a_mass(removed, total, is_mass):
    assert Removal(removed, total).is_mass == is_mass
