"""Read the records' database without writing to it: for those that only watch it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from pipeline.records.document import Document

_QUERY = "select rowid, kind, started_at, run, body from record where rowid > ? order by rowid desc limit ?"


def newest_rows(path: Path, after: int, most: int) -> list[tuple[int, Document]]:
    """The newest records behind row `after`, oldest first, with their rows; all of another database.

    A record that cannot be read is left out.

    Raises:
        sqlite3.Error: the database is locked, damaged, or of another schema.
    """
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.2)) as database:
        (last,) = database.execute("select coalesce(max(rowid), 0) from record").fetchone()
        rows = database.execute(_QUERY, (after if after <= last else 0, most)).fetchall()
    return [(number, document) for number, *values in reversed(rows) if (document := _document(*values))]


def _document(kind: str, started_at: str, run: str, body: str) -> Document | None:
    try:
        return Document(kind, started_at, run, dict(json.loads(body)))
    except (ValueError, TypeError, RecursionError):
        return None
