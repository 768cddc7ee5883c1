"""Keep records in SQLite; when the database fails, a record waits and the release goes on."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.private_files import private_folder
from pipeline.records.build_record import BuildRecord
from pipeline.records.document import BUILD, Document
from pipeline.records.schema import SCHEMA, insert, prepare
from pipeline.records.waiting_records import Waiting, WaitingRecords

__all__ = ["FILE", "SCHEMA", "BuildRecord", "RecordSink", "Recorded", "Records"]

FILE = "records.sqlite"
"""The database's name in the state folder of a project."""
_BUSY_SECONDS = 2.0
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
_PRIMARY = 0xFF
"""The part of an SQLite error code that says the kind."""
_FAILURES = (sqlite3.Error, OSError, ValueError, OverflowError, TandemError)
_SELECT = "select kind, started_at, run, body from record order by rowid"
Rows = list[tuple[str, str, str, str]]


class Recorded(Protocol):
    """What can be stored: a record that gives its document."""

    def document(self) -> Document: ...


class RecordSink(Protocol):
    """What takes records."""

    def add(self, record: Recorded) -> None: ...


class Records:
    """The records of a project, in the database at `path`.

    While the database is locked, damaged, full or of another schema, records wait in files beside it. The
    next call that can write stores them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting = WaitingRecords(path)

    def add(self, record: Recorded) -> None:
        """Store `record`. If the database fails, the record waits; if that fails too, it is printed."""
        document = record.document()
        try:
            self._store([document])
        except _FAILURES as error:
            self._postpone(document, why(self._path, error).message)

    def all(self) -> list[BuildRecord]:
        """Every build, oldest first; those that still wait are at the end.

        Raises:
            TandemError: The database cannot be read, or has another schema.
        """
        return list(builds_of(self.documents(BUILD)))

    def documents(self, kind: str = "") -> list[Document]:
        """Every record, or those of one kind, oldest first; those that still wait are at the end.

        Raises:
            TandemError: The database cannot be read, or has another schema.
        """
        try:
            documents = list(_documents(self._store([])))
        except _FAILURES as error:
            documents = self._read_only(error)
        return [document for document in documents if kind in {"", document.kind}]

    def unsent(self) -> list[Document]:
        """The records that the shared table does not have; TandemError if the database cannot be used."""
        return self._in_state("shared != 1")

    def waiting(self) -> list[Document]:
        """The records that could not be sent yet; TandemError if the database cannot be used."""
        return self._in_state("shared = 2")

    def mark_shared(self, ids: Sequence[str]) -> None:
        """Remember that the shared table has these; TandemError if the database cannot be used."""
        self._mark(ids, 1)

    def mark_waiting(self, ids: Sequence[str]) -> None:
        """Remember that these must be sent; TandemError if the database cannot be used."""
        self._mark(ids, 2)

    def receive(self, documents: Sequence[Document]) -> None:
        """Store records of the shared table; TandemError if the database cannot be used."""
        with self._explained(), self._open() as database:
            for document in documents:
                insert(database, document)
        self.mark_shared([document.id for document in documents])

    def _in_state(self, condition: str) -> list[Document]:
        with self._explained(), self._open() as database:
            # The condition is one of two above.
            query = _SELECT.replace("order by", f"where {condition} order by")
            rows = database.execute(query).fetchall()
        return list(_documents(rows))

    def _mark(self, ids: Sequence[str], state: int) -> None:
        with self._explained(), self._open() as database:
            rows = [(state, each) for each in ids]
            database.executemany("update record set shared = ? where id = ?", rows)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except _FAILURES as error:
            raise why(self._path, error) from error

    def _store(self, documents: Sequence[Document]) -> Rows:
        """Store what waits and `documents`; without `documents`, the rows of the database."""
        with self._open() as database:
            waiting = self._waiting.read()
            for each in (*waiting.documents, *documents):
                insert(database, each)
            rows = [] if documents else database.execute(_SELECT).fetchall()
        self._remove(waiting)
        return rows

    def _remove(self, waiting: Waiting) -> None:
        bad = self._waiting.remove(waiting)
        if bad:
            console.info(f"build records that could not be read are kept in {bad}", style="yellow")

    def _postpone(self, document: Document, why: str) -> None:
        try:
            file = self._waiting.add(document)
        except OSError as error:
            console.info(f"the record could not be stored: {why}; {error}", style="yellow")
            console.info(document.dump())
        else:
            console.info(f"the record waits in {file}: {why}", style="yellow")

    def _read_only(self, cause: Exception) -> list[Document]:
        """What the database has and what waits, if `cause` keeps it from being written."""
        if isinstance(cause, TandemError):
            raise cause
        try:
            address = f"{self._path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS)) as database:
                rows = database.execute(_SELECT).fetchall()
        except _FAILURES as error:
            raise why(self._path, error) from cause
        return [*_documents(rows), *self._waiting.read().documents]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        private_folder(self._path.parent)
        with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as database:
            # Readers do not wait for a writer. A file system without shared memory keeps its journal.
            database.execute("pragma journal_mode = wal")
            with database:
                self._prepare(database)
                yield database

    def _prepare(self, database: sqlite3.Connection) -> None:
        prepare(database, self._path)


def _documents(rows: Rows) -> Iterator[Document]:
    for number, (kind, started_at, run, body) in enumerate(rows, 1):
        try:
            line = json.dumps({"kind": kind, "started_at": started_at, "run": run, "body": json.loads(body)})
            yield Document.load(line)
        except (ValueError, TypeError, RecursionError) as error:
            console.info(f"record {number} cannot be read: {error}", style="yellow")


def builds_of(documents: Sequence[Document]) -> Iterator[BuildRecord]:
    """The builds among records; one of another shape is named and left out."""
    for document in documents:
        try:
            yield BuildRecord.parse(document.body)
        except ValueError as error:
            console.info(f"the build record of {document.started_at} cannot be read: {error}", style="yellow")


def why(path: Path, error: Exception) -> TandemError:
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
            hint="tandem records repair",
        )
    return TandemError(
        f"cannot use the build records in {path}: {error}", hint=f"df -h {path.parent}; ls -ld {path.parent}"
    )
