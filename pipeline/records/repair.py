"""Repair a damaged database: what can be read of it moves to a new one, and the old files stay aside."""

import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.core.errors import TandemError
from pipeline.records.build_records import Records
from pipeline.records.document import Document
from pipeline.records.schema import SCHEMA, document_of_row, prepare
from pipeline.records.waiting_records import parse_line

_BESIDE = ("", "-wal", "-shm")
"""What SQLite keeps beside a database; an old journal must not meet a new database."""


@dataclass(frozen=True)
class Repaired:
    """What a repair found: whether there was damage, how many records there are now, and the old files."""

    damage: str
    records: int
    rescued: int
    """Records that came from damaged files or from lines that could not be read before."""
    aside: Path | None


def repair(path: Path) -> Repaired:
    """Bring the records at `path` to a database without damage; nothing that can be read is lost.

    Raises:
        TandemError: the database is locked or of a newer version, or the files cannot be copied.
    """
    copy = _copy(path)  # SQLite deletes a journal whose database it cannot read
    try:
        damage = _damage(path)
    except BaseException:
        _remove(copy)
        raise
    if not damage:
        _remove(copy)
    documents = [*(_rescue(path, copy) if damage else ()), *_bad_lines(path)]
    records = Records(path)
    before = {document.id for document in records.documents()}
    for document in documents:
        records.add(document)
    now = {document.id for document in records.documents()}
    _forget_bad_lines(path, now)
    return Repaired(damage, len(now), len(now - before), copy if damage else None)


def _damage(path: Path) -> str:
    """What is wrong with the database; empty if nothing is."""
    if not path.exists():
        return ""
    try:
        with closing(sqlite3.connect(path, timeout=2)) as database, database:
            prepare(database, path)
            answer = database.execute("pragma integrity_check").fetchall()
            return "" if answer == [("ok",)] else "; ".join(str(row[0]) for row in answer[:3])
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise TandemError(
                f"cannot repair {path}: another process uses it", hint=f"fuser -v {path}"
            ) from error
        return str(error)


def _copy(path: Path) -> Path:
    """A copy of the files under another name.

    Raises:
        TandemError: a file cannot be copied.
    """
    copy = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    try:
        for suffix in _BESIDE:
            with suppress(FileNotFoundError):
                shutil.copy2(_beside(path, suffix), _beside(copy, suffix))
    except OSError as error:
        _remove(copy)
        raise TandemError(f"cannot copy {path}: {error}", hint=f"df -h {path.parent}") from error
    return copy


def _rescue(path: Path, copy: Path) -> list[Document]:
    """Read what can be read, and remove the damaged files; their copy stays."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".repair-") as folder:
        work = Path(folder) / path.name
        for suffix in _BESIDE:
            with suppress(FileNotFoundError):
                shutil.copy2(_beside(copy, suffix), _beside(work, suffix))
        documents = list(_readable(work))
    _remove(path)
    return documents


def _remove(path: Path) -> None:
    for suffix in _BESIDE:
        _beside(path, suffix).unlink(missing_ok=True)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _readable(path: Path) -> Iterator[Document]:
    """The rows of a damaged database, up to the first page that cannot be read, from both ends."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as database:
        (version,) = database.execute("pragma user_version").fetchone()
        table = "record" if version == SCHEMA else "build"
        database.row_factory = sqlite3.Row
        for order in ("asc", "desc"):
            with suppress(sqlite3.Error):
                # The name of the table is one of two.
                query = f"select * from {table} not indexed order by rowid {order}"  # noqa: S608
                for row in database.execute(query):
                    yield from _document(dict(row))


def _document(row: dict[str, object]) -> Iterator[Document]:
    if "body" not in row:
        yield document_of_row(row)
        return
    with suppress(ValueError, TypeError, RecursionError):
        values = {key: row[key] for key in ("kind", "started_at", "run")}
        yield Document.load(json.dumps({**values, "body": json.loads(str(row["body"]))}))


def _bad_lines(path: Path) -> list[Document]:
    """Lines that were kept aside and can be read now, by a newer version."""
    documents = []
    for line in _lines(path):
        with suppress(ValueError):
            documents.append(parse_line(line.decode()))
    return documents


def _lines(path: Path) -> list[bytes]:
    try:
        return path.with_name(path.name + ".bad").read_bytes().splitlines()
    except OSError:
        return []


def _forget_bad_lines(path: Path, stored_ids: set[str]) -> None:
    """Remove the lines whose records are stored now."""
    lines = _lines(path)
    rest = [line for line in lines if not _is_stored(line, stored_ids)]
    if rest == lines:
        return
    bad = path.with_name(path.name + ".bad")
    if rest:
        bad.write_bytes(b"".join(line + b"\n" for line in rest))
    else:
        bad.unlink()


def _is_stored(line: bytes, stored_ids: set[str]) -> bool:
    try:
        return parse_line(line.decode()).id in stored_ids
    except ValueError:
        return False
