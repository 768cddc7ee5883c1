"""Keep the local table of records equal to the database of this project."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from pipeline.records.read_only import newest_rows
from pipeline.records.shared import item

_SECONDS = 2.0
_MOST = 2_000
"""Records to begin with: the API shows no older ones, and moto keeps all in memory."""


class PublishedRecords:
    """The records in the database at `path`, and their copies in a table."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._table: object = None
        self._last = 0
        self._next = 0.0

    def publish(self, dynamodb: Any, name: str) -> None:  # noqa: ANN401 - moto's backend
        """Copy the records that are new."""
        table = dynamodb.tables.get(name)
        if table is not self._table:
            self._table, self._last, self._next = table, 0, 0.0
        if table is None or time.monotonic() < self._next or not self._path.is_file():
            return
        self._next = time.monotonic() + _SECONDS
        try:
            rows = newest_rows(self._path, self._last, _MOST)
        except sqlite3.OperationalError:
            return  # locked, or an earlier schema until its first writer comes: the next look will do
        for number, document in rows:
            dynamodb.put_item(name, item(document), overwrite=True)
            self._last = number
