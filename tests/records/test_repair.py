"""What can be read of a damaged database is kept, and nothing is thrown away."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from pipeline.core.errors import TandemError
from pipeline.records.build_records import Records
from pipeline.records.repair import repair
from tests.records.example_record import RECORD
from tests.records.test_schema import make_schema_1


@pytest.fixture
def path(tmp_path):
    return tmp_path / "records.sqlite"


def fill(path, count):
    """A database of `count` records, which moves from schema 1 at its first use."""
    make_schema_1(path, *(replace(RECORD, run=f"r{number}") for number in range(count)))
    return Records(path)


def test_a_sound_database_stays_as_it_is(path):
    records = Records(path)
    records.add(RECORD)
    repaired = repair(path)
    assert (repaired.damage, repaired.records, repaired.rescued, repaired.aside) == ("", 1, 0, None)
    assert records.all() == [RECORD]


def test_nothing_is_repaired_where_nothing_is(path):
    assert repair(path).records == 0


@pytest.mark.slow
def test_the_rows_around_a_damaged_page_are_rescued(path):
    records = fill(path, 100)
    assert len(records.all()) == 100
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    repaired = repair(path)
    assert repaired.damage
    assert 40 < repaired.records < 100
    assert repaired.aside.read_bytes() == bytes(content)
    assert repair(path).damage == ""
    assert len(records.all()) == repaired.records
    records.add(RECORD)
    assert RECORD in records.all()


@pytest.mark.parametrize(
    "content", [b"no database at all, by far" * 100, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_file_that_is_no_database_moves_aside(path, content):
    path.write_bytes(content)
    records = Records(path)
    records.add(RECORD)
    with pytest.raises(TandemError, match="damaged") as caught:
        records.all()
    assert caught.value.hint == "tandem records repair"
    repaired = repair(path)
    assert repaired.aside.read_bytes() == content
    assert records.all() == [RECORD]


def test_an_old_journal_does_not_meet_the_new_database(path, tmp_path):
    other = tmp_path / "other.sqlite"
    Records(other).add(RECORD)
    with closing(sqlite3.connect(other, isolation_level=None)) as writer:
        writer.execute("update record set run = 'r2'")
        journal = other.with_name("other.sqlite-wal").read_bytes()  # as a killed process leaves it
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 8192)
    path.with_name("records.sqlite-wal").write_bytes(journal)
    repaired = repair(path)
    assert repaired.aside.with_name(repaired.aside.name + "-wal").read_bytes() == journal
    assert repaired.records == 0


def test_lines_kept_aside_are_stored_once_they_can_be_read(path):
    bad = path.with_name("records.sqlite.bad")
    bad.write_bytes(RECORD.dump().encode() + b"\ntorn\n")
    assert repair(path).rescued == 1
    assert Records(path).all() == [RECORD]
    assert bad.read_bytes() == b"torn\n"
    bad.write_bytes(RECORD.dump().encode() + b"\n")
    repair(path)
    assert not bad.exists()


@pytest.mark.slow
def test_a_database_in_use_is_not_repaired(path):
    Records(path).add(RECORD)
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("pragma journal_mode = delete")
        holder.execute("begin exclusive")
        with pytest.raises(TandemError, match="another process uses it"):
            repair(path)


def test_a_newer_database_is_left_alone(path):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("pragma user_version = 99")
    with pytest.raises(TandemError, match="has schema 99"):
        repair(path)
