"""A file is written whole or not at all."""

import os
import secrets
from pathlib import Path

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.whole_file import write_whole


def test_a_file_appears_whole_with_its_folder(tmp_path):
    path = tmp_path / "deep" / "file"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.mkdir()
    (path / "inner").write_text("")
    with pytest.raises(TandemError, match="cannot write"):
        write_whole(path, b"new")
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TandemError, match=r"cannot write .*file/report\.html"):
        write_whole(tmp_path / "file" / "report.html", b"")


def test_it_is_synced_before_it_has_its_name(tmp_path, monkeypatch):
    done, sync, replace = [], os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append("sync"), sync(handle)))
    monkeypatch.setattr(Path, "replace", lambda *paths: (done.append("replace"), replace(*paths)))
    write_whole(tmp_path / "file", b"one")
    assert done == ["sync", "replace"]


def test_a_file_or_a_link_of_somebody_else_is_never_written_through(tmp_path, monkeypatch):
    monkeypatch.setattr(secrets, "token_hex", lambda _: "foreseen")
    mine, part = tmp_path / "mine", tmp_path / ".file.foreseen"
    mine.write_text("kept")
    for plant in (lambda: part.symlink_to(mine), lambda: part.hardlink_to(mine)):
        plant()
        with pytest.raises(TandemError, match="cannot write"):
            write_whole(tmp_path / "file", b"new")
        assert mine.read_text() == "kept"
        part.unlink(missing_ok=True)


def test_two_writers_have_names_of_their_own(tmp_path, monkeypatch):
    names, replace = set(), Path.replace
    monkeypatch.setattr(Path, "replace", lambda part, path: (names.add(part.name), replace(part, path)))
    for _ in range(3):
        write_whole(tmp_path / "file", b"")
    assert len(names) == 3


@pytest.mark.parametrize(
    ("umask", "asked", "mode"), [(0o022, None, 0o644), (0o077, None, 0o600), (0o077, 0o755, 0o755)]
)
def test_the_mode_is_the_one_asked_for_or_follows_the_umask(tmp_path, umask, asked, mode):
    before = os.umask(umask)
    try:
        write_whole(tmp_path / "file", b"", asked)
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == mode
