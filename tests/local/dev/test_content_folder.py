"""The folder that a dev site serves equals the work tree, without what no image may have."""

from pathlib import Path

import pytest

from pipeline.core.values import Source
from pipeline.git.object_store import ObjectStore
from pipeline.git.work_tree import WorkTree
from pipeline.local.dev.content_folder import ContentFolder


class Place:
    """A work tree, and the folder that shows it."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "content"
        self.tree.mkdir()
        self.write("index.html", "one")
        self._snapshots = WorkTree(self.tree, folder / "place", Source.STATIC)
        self.shown = folder / "shown"
        self.content = ContentFolder(self.shown, folder / "work")
        self._store = ObjectStore(self._snapshots.place)

    def write(self, name: str, text: str) -> None:
        (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
        (self.tree / name).write_text(text)

    def show(self) -> int:
        return self.content.show(self._store, self._store.tree_of(self._snapshots.snapshot().id))

    def files(self) -> dict[str, str]:
        files = [file for file in self.shown.rglob("*") if not file.is_dir() or file.is_symlink()]
        return {
            str(file.relative_to(self.shown)): f"-> {file.readlink()}"
            if file.is_symlink()
            else file.read_text()
            for file in files
        }


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.mark.slow
def test_it_follows_every_kind_of_change(place):
    place.write("news/old.html", "old")
    place.write("kind", "a file")
    assert place.show() == 3
    assert place.files() == {"index.html": "one", "news/old.html": "old", "kind": "a file"}
    place.write("index.html", "two")
    (place.tree / "news" / "old.html").unlink()
    (place.tree / "kind").unlink()
    place.write("kind/inner.html", "a folder")
    place.write("deep/er/new.html", "new")
    assert place.show() == 5
    assert place.files() == {"index.html": "two", "kind/inner.html": "a folder", "deep/er/new.html": "new"}
    assert sorted(path.name for path in place.shown.iterdir()) == ["deep", "index.html", "kind"]
    assert place.show() == 0


@pytest.mark.slow
def test_it_is_readable_for_the_container_whatever_the_work_tree_allows(place):
    place.write("program", "#!/bin/sh")
    (place.tree / "program").chmod(0o700)
    (place.tree / "index.html").chmod(0o600)
    place.write("folder/page.html", "page")
    (place.tree / "folder").chmod(0o700)
    place.show()
    modes = {path: (place.shown / path).stat().st_mode & 0o777 for path in ("", "folder", "program")}
    assert modes == {"": 0o755, "folder": 0o755, "program": 0o755}
    assert (place.shown / "index.html").stat().st_mode & 0o777 == 0o644


@pytest.mark.slow
@pytest.mark.parametrize("target", ["/etc/passwd", "../secret", "news/../../secret", "/proc/self/environ"])
def test_a_link_out_of_the_tree_is_not_served_and_named(place, capsys, target):
    place.write("page.html", "good")
    place.show()
    (place.tree / "page.html").unlink()
    (place.tree / "page.html").symlink_to(target)
    (place.tree / "inside.html").symlink_to("index.html")
    place.show()
    assert place.files() == {"index.html": "one", "inside.html": "-> index.html"}
    assert f"page.html is a link to '{target}'" in capsys.readouterr().err


@pytest.mark.slow
def test_a_pointer_of_git_lfs_is_refused_as_in_a_build(place, capsys):
    place.write("big.bin", f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 5\n")
    place.show()
    assert place.files() == {"index.html": "one"}
    assert "big.bin is a Git LFS pointer" in capsys.readouterr().err


@pytest.mark.slow
def test_a_folder_of_git_is_not_served_by_any_name(place, capsys):
    for name in ("GIT~1", ".GiT", "news/git~2"):
        place.write(f"{name}/config", "secret")
    place.show()
    assert place.files() == {"index.html": "one"}
    assert "GIT~1" in capsys.readouterr().err


@pytest.mark.slow
def test_a_changed_file_is_another_one_for_caches(place):
    place.show()
    before = (place.shown / "index.html").stat().st_mtime
    place.write("index.html", "two")
    place.show()
    assert (place.shown / "index.html").stat().st_mtime != before


@pytest.mark.slow
def test_without_a_file_it_is_empty(place):
    assert place.content.is_empty
    place.show()
    assert not place.content.is_empty
    (place.tree / "index.html").unlink()
    place.show()
    assert place.content.is_empty
