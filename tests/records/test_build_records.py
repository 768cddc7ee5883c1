"""Build records outlive a database in trouble."""

import json
import sqlite3
from dataclasses import replace

import pytest

from pipeline.core.errors import TandemError
from pipeline.records.build_records import Records
from tests.records.example_record import RECORD


def test_a_record_comes_back_as_it_was(tmp_path):
    records = Records(tmp_path / "new" / "records.sqlite")
    records.add(RECORD)
    assert records.all() == [RECORD]
    assert records.all()[0].seconds == 2.0


def test_a_locked_database_postpones_the_record(tmp_path):
    records = Records(tmp_path / "records.sqlite")
    records.add(RECORD)
    holder = sqlite3.connect(tmp_path / "records.sqlite", isolation_level=None)
    holder.execute("begin exclusive")
    later = replace(RECORD, image="api")
    records.add(later)
    holder.execute("rollback")
    assert [RECORD, later] == records.all()


def test_a_corrupt_database_postpones_the_record_and_is_named(tmp_path):
    path = tmp_path / "records.sqlite"
    path.write_bytes(b"no database at all, by far" * 100)
    records = Records(path)
    records.add(RECORD)
    with pytest.raises(TandemError, match=r"records\.sqlite is damaged"):
        records.all()
    path.unlink()
    assert records.all() == [RECORD]


def test_another_schema_is_left_alone(tmp_path):
    path = tmp_path / "records.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("pragma user_version = 99")
    records = Records(path)
    records.add(RECORD)
    with pytest.raises(TandemError, match=r"has schema 99"):
        records.all()
    path.unlink()
    assert records.all() == [RECORD]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "records.sqlite"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("pipeline.records.build_records._BUSY_SECONDS", 0.05)


def locked(path):
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin exclusive")
    return holder


def beside(path):
    return sorted(file.name for file in path.parent.iterdir() if file != path)


def test_a_locked_database_is_not_called_damaged(path):
    records = Records(path)
    records.add(RECORD)
    with sqlite3.connect(path) as database:
        database.execute("pragma journal_mode = delete")  # as where WAL does not work
    database.close()
    holder = locked(path)
    with pytest.raises(TandemError, match="another process has locked") as caught:
        records.all()
    assert "fuser" in caught.value.hint
    holder.close()
    assert records.all() == [RECORD]


def test_a_writer_blocks_no_reader(path):
    records = Records(path)
    records.add(RECORD)
    holder = locked(path)
    assert records.all() == [RECORD]
    holder.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "torn",
    [
        b'{"started_at": "2026',
        b"not JSON",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps({**json.loads(RECORD.dump()), "bytes_sent": 1 << 70}).encode(),
        json.dumps({**json.loads(RECORD.dump()), "digest": None}).encode(),
        json.dumps({**json.loads(RECORD.dump()), "steps": [{"name": "a"}]}).encode(),
        json.dumps({**json.loads(RECORD.dump()), "more": 1}).encode(),
    ],
)
@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("name", [".pending", ".pending.taken", ".pending.1-2"])
def test_a_torn_line_is_kept_aside_and_the_others_are_stored(path, torn, end, name):
    good = replace(RECORD, image="api").dump().encode() + b"\n"
    path.with_name(path.name + name).write_bytes(good + torn + end)
    records = Records(path)
    records.add(RECORD)
    assert {record.image for record in records.all()} == {"app", "api"}
    assert path.with_name("records.sqlite.bad").read_bytes() == torn + b"\n"
    assert beside(path) == ["records.sqlite.bad"]


def test_a_line_that_cannot_be_kept_aside_stays_where_it_is(path):
    path.with_name("records.sqlite.bad").mkdir()
    path.with_name("records.sqlite.pending").write_bytes(b"torn")
    records = Records(path)
    records.add(RECORD)
    assert records.all() == [RECORD]
    assert [file.read_bytes() for file in path.parent.glob("*.pending.*")] == [b"torn"]


@pytest.mark.parametrize(
    "failure", [OSError(28, "No space left on device"), sqlite3.OperationalError("disk is full")]
)
def test_a_full_disk_blocks_no_build(path, monkeypatch, capsys, failure):
    def fail(*_args, **_more):
        raise failure

    def full(_file):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.records.build_records.sqlite3.connect", fail)
        Records(path).add(RECORD)
        patch.setattr("pipeline.records.waiting_records.os.fsync", full)
        Records(path).add(replace(RECORD, image="api"))
    told = capsys.readouterr().err
    assert "waits in" in told
    assert '"image":"api"' in "".join(told.split("\n")), "the record itself, so that it is not lost"
    assert Records(path).all() == [RECORD]
    assert beside(path) == []


def test_a_folder_that_cannot_be_made_blocks_no_build(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    records = Records(tmp_path / "file" / "records.sqlite")
    records.add(RECORD)
    assert "could not be stored" in capsys.readouterr().err
    with pytest.raises(TandemError, match="cannot use the build records"):
        records.all()


def test_a_database_that_is_a_folder_blocks_no_build(path):
    path.mkdir()
    Records(path).add(RECORD)
    with pytest.raises(TandemError, match="cannot use the build records"):
        Records(path).all()
    path.rmdir()
    assert Records(path).all() == [RECORD]


def test_what_waits_is_shown_while_the_database_can_only_be_read(path, monkeypatch):
    records = Records(path)
    records.add(RECORD)
    monkeypatch.setattr(Records, "_prepare", _read_only)
    later = replace(RECORD, image="api")
    records.add(later)
    assert records.all() == [RECORD, later]


def _read_only(_records, _database):
    raise sqlite3.OperationalError("attempt to write a readonly database")


def test_a_row_that_cannot_be_read_hides_no_other(path, capsys):
    records = Records(path)
    records.add(RECORD)
    records.add(replace(RECORD, image="api"))
    with sqlite3.connect(path) as database:
        database.execute("update record set body = 'torn' where rowid = 1")
    assert [record.image for record in records.all()] == ["api"]
    assert "record 1 cannot be read" in capsys.readouterr().err


def test_a_build_of_another_shape_hides_no_other(path, capsys):
    records = Records(path)
    records.add(RECORD)
    records.add(replace(RECORD, image="api"))
    with sqlite3.connect(path) as database:
        database.execute("update record set body = '{}' where rowid = 1")
    assert [record.image for record in records.all()] == ["api"]
    assert "the build record of 2026-01-02T03:04:05+00:00 cannot be read" in capsys.readouterr().err
