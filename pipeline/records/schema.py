"""The schema of the records' database, and the migrations from earlier ones."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from pipeline.core.errors import TandemError
from pipeline.records.build_record import BuildRecord
from pipeline.records.document import BUILD, Document

SCHEMA = 2
_TABLE = """
create table record (
    id text primary key,        -- hash of the other columns but `shared`
    kind text not null,         -- build | comparison | measurement | ...
    started_at text not null,   -- UTC, ISO 8601
    run text not null,          -- records of one comparison share it
    body text not null,         -- JSON
    shared integer not null default 0 -- 1: the shared table has it; 2: it waits for the table
)
"""
_INDEX = "create index record_of_kind on record (kind, run)"


def prepare(database: sqlite3.Connection, path: Path) -> None:
    """Bring the database to `SCHEMA`, in one transaction that the caller ends.

    Raises:
        TandemError: A newer version of Tandem wrote it.
        sqlite3.Error: The database is locked, damaged or full.
    """
    database.execute("begin immediate")
    (version,) = database.execute("pragma user_version").fetchone()
    if version == SCHEMA:
        return
    if version not in {0, 1}:
        raise TandemError(
            f"{path} has schema {version}, this version of Tandem supports {SCHEMA}",
            hint=f"update Tandem, or: mv {path} {path}.old",
        )
    database.execute(_TABLE)
    database.execute(_INDEX)
    if version == 1:
        _move_from_schema_1(database)
    database.execute(f"pragma user_version = {SCHEMA}")


def insert(database: sqlite3.Connection, document: Document) -> None:
    """Store `document` unless it is there."""
    row = (document.id, document.kind, document.started_at, document.run, json.dumps(document.body))
    database.execute(
        "insert or ignore into record (id, kind, started_at, run, body) values (?, ?, ?, ?, ?)", row
    )


def _move_from_schema_1(database: sqlite3.Connection) -> None:
    """Schema 1 had one table, of builds; a row that cannot be read moves as it is."""
    cursor = database.execute("select * from build order by id")
    names = [column[0] for column in cursor.description]
    for row in cursor.fetchall():
        insert(database, document_of_row(dict(zip(names, row, strict=True))))
    database.execute("drop table build")


def document_of_row(row: dict[str, Any]) -> Document:
    """The record of a row of schema 1."""
    values = {key: value for key, value in row.items() if key not in {"id", "seconds"}}
    try:
        json_values = {key: json.loads(values[key]) for key in ("commits", "steps")}
        return BuildRecord.parse({**values, **json_values}).document()
    except (ValueError, TypeError, KeyError, RecursionError):
        return Document(BUILD, str(row.get("started_at")), str(row.get("run")), {"unreadable": repr(row)})
