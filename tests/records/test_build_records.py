"""Build records outlive a database in trouble."""

import sqlite3
from dataclasses import replace

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.steps import Step
from pipeline.records.build_records import BuildRecord, Records

RECORD = BuildRecord(
    started_at="2026-01-02T03:04:05+00:00",
    image="app",
    scenario="app-only",
    run="r1",
    commits={"app": "1" * 40},
    digest="sha256:" + "a" * 64,
    cache="warm",
    bytes_sent=12,
    steps=(Step("build", 1.5), Step("push", 0.5)),
    machine="CPU, 2 cores",
)


def test_a_record_comes_back_as_it_was(tmp_path):
    records = Records(tmp_path / "new" / "records.sqlite")
    records.add(RECORD)
    assert records.all() == [RECORD]
    assert records.all()[0].seconds == 2.0


def test_a_locked_database_postpones_the_record(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.records.build_records._BUSY_SECONDS", 0.05)
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
    with pytest.raises(TandemError, match=r"cannot read the build records"):
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
