"""A folder whose files are published is read where it changed."""

import os
import time
from pathlib import Path

from pipeline.local import published_files
from pipeline.local.published_files import WatchedFolder


def _age(folder: Path) -> None:
    """Let the folders have changed long ago."""
    for each in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        os.utime(each, (time.time() - 60, time.time() - 60))


def test_only_folders_that_changed_are_read_again(tmp_path, monkeypatch):
    for name in ("manifests", "trail"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.json").write_text("{}")
    _age(tmp_path)
    watched, listed = WatchedFolder(tmp_path), []
    watched.files()
    list_folder = published_files._children
    monkeypatch.setattr(published_files, "_children", lambda at: listed.append(at.name) or list_folder(at))
    assert set(watched.files()) == {"manifests/1.json", "trail/1.json"}
    assert listed == []
    (tmp_path / "trail" / "2.json").write_text("{}")
    assert set(watched.files()) == {"manifests/1.json", "trail/1.json", "trail/2.json"}
    assert listed == ["trail"]


def test_a_second_change_in_the_same_tick_of_the_clock_is_seen(tmp_path):
    watched = WatchedFolder(tmp_path)
    (tmp_path / "1.json").write_text("{}")
    now = tmp_path.stat()
    watched.files()
    (tmp_path / "2.json").write_text("{}")
    os.utime(tmp_path, ns=(now.st_atime_ns, now.st_mtime_ns))
    assert set(watched.files()) == {"1.json", "2.json"}


def test_unfinished_files_and_foreign_ones_are_left_out(tmp_path):
    for name in (".1.json.x.part", ".2.json", "turn.lock"):
        (tmp_path / name).touch()
    assert not WatchedFolder(tmp_path).files()
