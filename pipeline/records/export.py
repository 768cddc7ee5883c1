"""Write records as JSON, CSV or Parquet: one row each, nested values as JSON."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipeline.records.document import Document

Row = dict[str, Any]


def rows(documents: Sequence[Document]) -> list[Row]:
    """One flat row for each record, all with the same columns."""
    flat_rows = [_row(document) for document in documents]
    columns = dict.fromkeys(column for row in flat_rows for column in row)
    return [{column: row.get(column) for column in columns} for row in flat_rows]


def as_json(documents: Sequence[Document]) -> bytes:
    """The records with their nested values, as a JSON array."""
    values = [
        {
            "id": document.id,
            "kind": document.kind,
            "started_at": document.started_at,
            "run": document.run,
            **document.body,
        }
        for document in documents
    ]
    return json.dumps(values, indent=2).encode() + b"\n"


def as_csv(documents: Sequence[Document]) -> bytes:
    """The rows with a header, as RFC 4180 has them; a missing value is empty."""
    flat_rows = rows(documents)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(flat_rows[0]) if flat_rows else _HEAD)
    writer.writeheader()
    writer.writerows(flat_rows)
    return out.getvalue().encode()


def as_parquet(documents: Sequence[Document]) -> bytes:
    """The rows as a Parquet file."""
    import pyarrow as pa  # noqa: PLC0415 - slow to import, and only this needs it
    from pyarrow import parquet  # noqa: PLC0415

    flat_rows = rows(documents)
    columns = list(flat_rows[0]) if flat_rows else _HEAD
    table = pa.table({column: _column([row[column] for row in flat_rows]) for column in columns})
    out = io.BytesIO()
    parquet.write_table(table, out)
    return out.getvalue()


FORMATS: Mapping[str, Callable[[Sequence[Document]], bytes]] = {
    "json": as_json,
    "csv": as_csv,
    "parquet": as_parquet,
}
_HEAD = ["id", "kind", "started_at", "run"]


def _row(document: Document) -> Row:
    head = {
        "id": document.id,
        "kind": document.kind,
        "started_at": document.started_at,
        "run": document.run,
    }
    body = {key: _flat(value) for key, value in document.body.items() if key not in head}
    steps = document.body.get("steps")
    if "seconds" not in body and isinstance(steps, list):
        body["seconds"] = sum(step["seconds"] for step in steps if isinstance(step, dict))
    return head | body


def _flat(value: object) -> object:
    return json.dumps(value) if isinstance(value, list | dict) else value


def _column(values: list[Any]) -> list[Any]:
    """One type in a column: numbers, truth values or texts."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float}:
        return [float(value) if float in kinds and value is not None else value for value in values]
    return values if len(kinds) == 1 else [None if value is None else str(value) for value in values]
