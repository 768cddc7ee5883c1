"""The environment's records of builds: in its DynamoDB table, or in the database of this machine."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from console.objects import UnreadableError, errors, new_client

VARIABLE = "TANDEM_RECORDS"
BUILD, COMPARISON, MEASUREMENT = "build", "comparison", "measurement"
LAST = "\uffff"
"""Behind every key."""
_KEPT_SECONDS = 5.0
_PAGE = 200

Row = tuple[str, dict[str, Any]]
"""The key of a record, which orders records by their start, and the record itself."""


class Records(Protocol):
    """Records by kind. The method raises UnreadableError."""

    def newest(self, kind: str, before: str = LAST, since: str = "") -> Iterator[Row]:
        """The records with a key before `before` and not before `since`, newest first."""


@cache
def connect() -> Records:
    """The records that TANDEM_RECORDS names: a table, or a database's path; made once per process."""
    place = os.environ.get(VARIABLE, "")
    if not place:
        return _Nowhere()
    # A table's name has no slash.
    return FileRecords(Path(place)) if "/" in place else TableRecords(place, new_client("dynamodb"))


class TableRecords:
    """Records in a DynamoDB table: `pk` is the kind, `sk` the start and the id."""

    def __init__(self, table: str, client: Any) -> None:  # noqa: ANN401 - botocore makes its clients at run time
        self._table, self._client = table, client

    def newest(self, kind: str, before: str = LAST, since: str = "") -> Iterator[Row]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :kind and sk between :since and :before",
            ExpressionAttributeValues={
                ":kind": {"S": kind},
                ":since": {"S": since or " "},  # a key value must not be empty
                ":before": {"S": before},
            },
            ScanIndexForward=False,
            PaginationConfig={"PageSize": _PAGE},
        )
        try:
            for page in pages:
                rows = ((item["sk"]["S"], item["record"]["S"]) for item in page["Items"])
                yield from _parsed((key, text) for key, text in rows if key < before)
        except errors() as error:
            raise UnreadableError(str(error)) from error


class FileRecords:
    """Records in the SQLite database of a project."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def newest(self, kind: str, before: str = LAST, since: str = "") -> Iterator[Row]:
        import sqlite3  # noqa: PLC0415 - a function reads a table and starts without it

        if not self._path.is_file():
            return  # nothing was built yet
        query = (
            "select started_at || '#' || id as key, json_object('kind', kind, 'started_at', started_at, "
            "'run', run, 'body', json(body)) from record where kind = ? and key < ? and key >= ? "
            "order by key desc"
        )
        try:
            with closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)) as database:
                yield from _parsed(database.execute(query, (kind, before, since)))
        except sqlite3.Error as error:
            raise UnreadableError(f"{self._path}: {error}") from error


def _parsed(rows: Any) -> Iterator[Row]:  # noqa: ANN401 - any iterable of pairs
    for key, text in rows:
        try:
            document = json.loads(text)
            yield key, {**document["body"], "run": document["run"], "started_at": document["started_at"]}
        except (ValueError, TypeError, KeyError):
            continue  # a damaged record must not hide the others


class _Nowhere:
    """No place is named: this API does not show records."""

    def newest(self, kind: str, before: str = LAST, since: str = "") -> Iterator[Row]:
        raise UnreadableError(f"{VARIABLE} is not set: no {kind} can be read ({before}, {since})")


class Recent:
    """The newest records of each kind, kept for some seconds: a page asks for several views of them."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._rows: dict[str, tuple[float, list[Row]]] = {}

    def newest(self, kind: str, count: int) -> list[Row]:
        """The newest records of a kind, newest first."""
        key = f"{kind} {count}"
        at, rows = self._rows.get(key, (0.0, []))
        if not at or time.monotonic() - at > _KEPT_SECONDS:
            rows = list(islice(self._records.newest(kind), count))
            self._rows[key] = time.monotonic(), rows
        return rows
