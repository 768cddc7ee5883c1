"""JSON answers with an ETag, and cursors of pages."""

import base64
import json
from typing import Any

from fastapi import HTTPException, Request, Response

from console.objects import tag_of

FIXED = "private, max-age=31536000, immutable"
FRESH = "no-cache"
_LARGEST = 700_000
"""Bytes of a page's rows in a function's answer, which has 1 MiB at most."""
_LONGEST = 200
"""Characters of a cursor."""


class Page:
    """The rows of one page: so many at most, and no more than a function can answer without compression."""

    def __init__(self, limit: int) -> None:
        self.rows: list[dict[str, Any]] = []
        self._limit, self._space = limit, _LARGEST

    def takes(self, row: dict[str, Any]) -> bool:
        """Add `row`, unless the page is full; a page has one row at least."""
        size = len(json.dumps(json.dumps(row)))  # a function's answer quotes the text once more
        if self.rows and (len(self.rows) == self._limit or size > self._space):
            return False
        self.rows.append(row)
        self._space -= size
        return True


def answer(request: Request, value: Any, caching: str = FRESH) -> Response:  # noqa: ANN401 - JSON
    """JSON with an ETag; 304 without a body if the client has it already."""
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"ETag": tag_of(data), "Cache-Control": caching}
    tags = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if headers["ETag"].removeprefix("W/") in tags or "*" in tags:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="application/json", headers=headers)


def cursor_of(key: str | int) -> str:
    """The cursor of the page that ends before `key`."""
    return base64.urlsafe_b64encode(f"before {key}".encode()).decode().rstrip("=")


def key_of(cursor: str) -> str:
    """The key that a page ends before; empty without a cursor, which is the newest page. 400 for another."""
    if not cursor:
        return ""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), "-_", validate=True).decode("ascii")
    except ValueError:
        raise unknown_cursor() from None
    name, _, key = text.partition(" ")
    if name != "before" or not key or len(cursor) > _LONGEST:
        raise unknown_cursor()
    return key


def unknown_cursor() -> HTTPException:
    """The error for a cursor that this API did not give out."""
    return HTTPException(400, "The cursor is not one that this API gave out.")
