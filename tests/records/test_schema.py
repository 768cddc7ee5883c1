"""Databases of earlier versions move, and lose nothing."""

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict, replace

import pytest

from pipeline.records.build_record import BuildRecord
from pipeline.records.build_records import Records
from pipeline.records.document import Document
from tests.records.example_record import RECORD

SCHEMA_1 = """
create table build (
    id integer primary key, started_at text not null, image text not null, scenario text not null,
    run text not null, commits text not null, digest text not null, cache text not null,
    seconds real not null,
    bytes_sent integer, steps text not null, machine text not null,
    unique (run, image, scenario, started_at)
)
"""
OLD = (
    "started_at",
    "image",
    "scenario",
    "run",
    "commits",
    "digest",
    "cache",
    "bytes_sent",
    "steps",
    "machine",
)


def old_values(record):
    return {key: asdict(record)[key] for key in OLD}


def make_schema_1(path, *records):
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(SCHEMA_1)
        database.execute("pragma user_version = 1")
        for record in records:
            row = {**old_values(record), "seconds": record.seconds}
            row |= {key: json.dumps(row[key]) for key in ("commits", "steps")}
            names, marks = ", ".join(row), ", ".join(f":{key}" for key in row)
            database.execute(f"insert into build ({names}) values ({marks})", row)  # noqa: S608 - bound


@pytest.fixture
def path(tmp_path):
    return tmp_path / "records.sqlite"


def test_a_database_of_schema_1_moves_in_its_order(path):
    later = replace(RECORD, image="api", bytes_sent=None)
    make_schema_1(path, RECORD, later)
    records = Records(path)
    records.add(replace(RECORD, image="static"))
    assert records.all() == [RECORD, later, replace(RECORD, image="static")]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("pragma user_version").fetchone() == (2,)
        assert database.execute("select name from sqlite_master where name = 'build'").fetchall() == []


def test_a_row_of_schema_1_that_cannot_be_read_is_kept(path, capsys):
    make_schema_1(path, RECORD, replace(RECORD, image="api"))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("update build set steps = 'torn' where image = 'app'")
    assert [record.image for record in Records(path).all()] == ["api"]
    assert "cannot be read" in capsys.readouterr().err
    assert "torn" in str(Records(path).documents()[0].body)


def test_a_migration_that_fails_changes_nothing(path, monkeypatch):
    make_schema_1(path, RECORD)
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.records.schema.document_of_row", fail)
        Records(path).add(replace(RECORD, image="api"))
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("select image from build").fetchall() == [("app",)]
    assert [record.image for record in Records(path).all()] == ["app", "api"]


def fail(_row):
    raise sqlite3.OperationalError("database or disk is full")


def test_a_record_that_an_earlier_version_let_wait_is_stored(path):
    path.with_name("records.sqlite.pending.1-2").write_text(json.dumps(old_values(RECORD)) + "\n")
    assert Records(path).all() == [RECORD]


def test_an_equal_record_is_stored_once(path):
    records = Records(path)
    records.add(RECORD)
    records.add(RECORD)
    assert records.all() == [RECORD]


def test_a_clock_that_steps_back_changes_no_order(path):
    records = Records(path)
    later = replace(RECORD, started_at="2020-01-01T00:00:00+00:00")
    records.add(RECORD)
    records.add(later)
    assert records.all() == [RECORD, later]


def test_records_of_other_kinds_are_kept_apart(path):
    records = Records(path)
    other = Document("deployment", RECORD.started_at, "", {"release": 1})
    records.add(RECORD)
    records.add(other)
    assert records.all() == [RECORD]
    assert records.documents("deployment") == [other]
    assert len(records.documents()) == 2


def test_every_field_comes_back(path):
    full = replace(
        RECORD,
        outcome="the Dockerfile is broken",
        image_bytes=5,
        layers=3,
        cached_steps=2,
        not_cached="3/7 COPY app/html",
        peak_memory=1 << 30,
        machine_load=0.25,
        tools={"git": "2.39.5"},
        trigger="tandem up",
        bytes_read=7,
        bytes_written=0,
    )
    Records(path).add(full)
    assert Records(path).all() == [full]
    assert not full.is_built


def test_a_database_of_a_version_without_the_later_fields_still_opens(path):
    """Fields are added to the JSON of a record, so an older database is not rewritten."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "create table record (id text primary key, kind text not null, started_at text not null,"
            " run text not null, body text not null, shared integer not null default 0)"
        )
        database.execute("create index record_of_kind on record (kind, run)")
        database.execute("pragma user_version = 2")
        row = ("1", "build", RECORD.started_at, RECORD.run, json.dumps(old_values(RECORD)))
        database.execute("insert into record (id, kind, started_at, run, body) values (?, ?, ?, ?, ?)", row)
    (record,) = Records(path).all()
    assert record == RECORD
    assert (record.trigger, record.bytes_read, record.bytes_written) == ("", None, None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"bytes_read": -1},
        {"bytes_written": 1.5},
        {"trigger": None},
        {"machine_load": float("nan")},
        {"machine_load": 10**400},
        {"machine_load": True},
        {"layers": -1},
        {"tools": {"git": 2}},
        {"outcome": None},
        {"steps": [{"name": "a", "seconds": float("inf")}]},
        {"steps": [{"name": "a", "seconds": "1"}]},
        {"steps": ["a"]},
        {"steps": {}},
    ],
)
def test_a_field_of_another_type_is_refused(wrong):
    with pytest.raises(ValueError, match="another type"):
        BuildRecord.parse({**json.loads(RECORD.dump()), **wrong})


@pytest.mark.parametrize(
    "line", ["", "1", "{}", '{"kind":1,"started_at":"","run":"","body":{}}', "[" * 99_999]
)
def test_a_line_that_is_no_document_is_refused(line):
    with pytest.raises(ValueError, match=r"."):
        Document.load(line)
