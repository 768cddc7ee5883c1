"""Keep build records in SQLite; when the database fails, a record waits and the release goes on."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.records.build_record import BuildRecord
from pipeline.records.waiting import Waiting, WaitingRecords

__all__ = ["BuildRecord", "Records"]

SCHEMA = 1
_BUSY_SECONDS = 2.0
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
_PRIMARY = 0xFF
"""The part of an SQLite error code that says the kind."""
_TABLE = """
create table build (
    id integer primary key,
    started_at text not null,   -- UTC, ISO 8601
    image text not null,        -- app | static | api | monolith | site
    scenario text not null,     -- '' for a build of a release
    run text not null,          -- builds of one comparison share it
    commits text not null,      -- JSON: source -> commit
    digest text not null,
    cache text not null,        -- cold | warm
    seconds real not null,      -- sum of the steps
    bytes_sent integer,         -- to the registry; null where the builder cannot tell
    steps text not null,        -- JSON: [{name, seconds}]
    machine text not null,
    unique (run, image, scenario, started_at)
)
"""
_FAILURES = (sqlite3.Error, OSError, ValueError, OverflowError, TandemError)


class Records:
    """The build records of a project, in the database at `path`.

    While the database is locked, damaged, full or of another schema, records wait in files beside it. The
    next call that can write stores them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting = WaitingRecords(path)

    def add(self, record: BuildRecord) -> None:
        """Store `record`. If the database fails, the record waits; if that fails too, it is printed."""
        try:
            self._store(record)
        except _FAILURES as error:
            self._postpone(record, _why(self._path, error).message)

    def all(self) -> list[BuildRecord]:
        """Every record, oldest first; those that still wait are at the end.

        Raises:
            TandemError: The database cannot be read, or has another schema.
        """
        try:
            self._store(None)
        except _FAILURES as error:
            return self._read_only(error)
        return self._read_only()

    def _store(self, record: BuildRecord | None) -> None:
        with self._open() as database:
            waiting = self._waiting.read()
            for each in (*waiting.records, *([record] if record else ())):
                _insert(database, each)
        self._remove(waiting)

    def _remove(self, waiting: Waiting) -> None:
        bad = self._waiting.remove(waiting)
        if bad:
            console.info(f"build records that could not be read are kept in {bad}", style="yellow")

    def _postpone(self, record: BuildRecord, why: str) -> None:
        try:
            file = self._waiting.add(record)
        except OSError as error:
            console.info(f"the build record could not be stored: {why}; {error}", style="yellow")
            console.info(record.dump())
        else:
            console.info(f"the build record waits in {file}: {why}", style="yellow")

    def _read_only(self, cause: Exception | None = None) -> list[BuildRecord]:
        """What the database has and what waits; a database that cannot be written may still be read."""
        if isinstance(cause, TandemError):
            raise cause
        try:
            address = f"{self._path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS)) as database:
                database.row_factory = sqlite3.Row
                rows = database.execute("select * from build order by id").fetchall()
        except _FAILURES as error:
            raise _why(self._path, error) from (cause or error)
        return [*_records(rows), *(self._waiting.read().records if cause else ())]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as database, database:
            self._prepare(database)
            yield database

    def _prepare(self, database: sqlite3.Connection) -> None:
        database.execute("begin immediate")
        (version,) = database.execute("pragma user_version").fetchone()
        if version == 0:
            database.execute(_TABLE)
            database.execute(f"pragma user_version = {SCHEMA}")
        elif version != SCHEMA:
            raise TandemError(
                f"{self._path} has schema {version}, this version of Tandem supports {SCHEMA}",
                hint=f"update Tandem, or: mv {self._path} {self._path}.old",
            )


def _insert(database: sqlite3.Connection, record: BuildRecord) -> None:
    row = {
        **asdict(record),
        "commits": json.dumps(record.commits),
        "steps": json.dumps([asdict(step) for step in record.steps]),
        "seconds": record.seconds,
    }
    columns = ", ".join(row)
    marks = ", ".join(f":{column}" for column in row)
    # The column names come from BuildRecord, the values are bound.
    database.execute(f"insert or ignore into build ({columns}) values ({marks})", row)  # noqa: S608


def _records(rows: list[sqlite3.Row]) -> Iterator[BuildRecord]:
    for row in rows:
        values = {key: row[key] for key in row.keys() if key not in {"id", "seconds"}}  # noqa: SIM118 - a Row is no dict
        try:
            parsed = {key: json.loads(values[key]) for key in ("commits", "steps")}
            yield BuildRecord.parse({**values, **parsed})
        except (ValueError, TypeError, RecursionError) as error:
            console.info(f"build record {row['id']} cannot be read: {error}", style="yellow")


def _why(path: Path, error: Exception) -> TandemError:
    """`error` of the database at `path` in words, with what helps."""
    if isinstance(error, TandemError):
        return error
    kind = getattr(error, "sqlite_errorcode", None)
    kind = None if kind is None else kind & _PRIMARY
    if kind in _LOCKED:
        return TandemError(
            f"cannot read the build records: another process has locked {path}",
            hint=f"run the command again when it has ended; it is named by: fuser -v {path}",
        )
    if kind in _DAMAGED:
        return TandemError(
            f"cannot read the build records: {path} is damaged: {error}",
            hint=f"mv {path} {path}.damaged; a new one is made, and pending records are written to it",
        )
    return TandemError(
        f"cannot use the build records in {path}: {error}", hint=f"df -h {path.parent}; ls -ld {path.parent}"
    )
