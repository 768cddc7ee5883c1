"""A file is written whole or not at all."""

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
