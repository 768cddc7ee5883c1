"""The routes of the console's API. Every one reads; none changes anything."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from console import views
from console.answers import FIXED, Page, answer, cursor_of, key_of, unknown_cursor
from console.environments import own_name
from console.objects import connect
from console.serving import Serving
from console.store import Store

router = APIRouter(prefix="/api")
_LONGEST_WAIT = 20.0
_POLL = 1.0
_DIGITS = 9
_BEHIND = 10**8
"""Behind every number."""

Number = Annotated[int, Path(ge=1, le=10**8 - 1)]


@cache
def store() -> Store:
    """The environment's releases; one client for the life of the process."""
    return Store(connect())


@cache
def serving() -> Serving:
    """The environment's targets and versions."""
    return Serving.connect()


@router.get("/status")
def status(request: Request) -> Response:
    """What runs, what is being done, which sources are on hold, and what serves by the load balancer."""
    return answer(request, {**_status(), "serving": serving().read()})


@router.get("/releases")
def releases(request: Request, cursor: str = "", limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Response:
    """Releases, newest first. `next` is the cursor of the following page; null on the last one."""
    before = _before(cursor)
    numbers = [number for number in store().numbers() if number < before]
    page_numbers = numbers[:limit]
    following = cursor_of(page_numbers[-1]) if len(numbers) > limit else None
    trails, current = store().trails(page_numbers), store().state().get("current")
    page = Page(limit)
    for each in store().manifests(page_numbers):
        if not page.takes(views.summary(each, trails[each["number"]], current)):
            following = cursor_of(page.rows[-1]["number"])
            break
    return answer(request, {"releases": page.rows, "next": following})


@router.get("/releases/{number}")
def release(request: Request, number: Number) -> Response:
    """One release: commits, images, sizes, each of its deployments, and where its last run's time went."""
    trail = store().trails([number])[number]
    manifest, runs, current = _manifest(number), store().runs(trail), store().state().get("current")
    return answer(request, views.release(manifest, trail, runs, current))


@router.get("/releases/{number}/diff/{other}")
def diff(request: Request, number: Number, other: Number) -> Response:
    """What release `other` changes against release `number`: settings by name, never by value."""
    return answer(request, views.diff(_manifest(number), _manifest(other)), FIXED)


@router.get("/events", response_model=None)
async def events(
    request: Request,
    after: Annotated[int, Query(ge=0)] = 0,
    wait: Annotated[float, Query(ge=0, le=_LONGEST_WAIT)] = 0,
) -> Response:
    """The rollout as it goes: the newest 200 entries of the trail after a sequence number, and the status.

    Waits up to `wait` seconds for a new one. A server that can stream answers `Accept: text/event-stream`
    with server-sent events, and goes on after the `Last-Event-ID` of a client that comes back.
    """
    if request.app.state.streams and "text/event-stream" in request.headers.get("accept", ""):
        stream = _stream(request, max(after, _seen(request)))
        return StreamingResponse(stream, media_type="text/event-stream")
    changes, waited = await _changes(after), 0.0
    longest = min(wait, request.app.state.longest_wait)
    while not changes["events"] and waited < longest:
        await asyncio.sleep(_POLL)
        changes, waited = await _changes(after), waited + _POLL
    return answer(request, changes)


def _seen(request: Request) -> int:
    """The number that a browser names when it connects again; it repeats the URL as it was."""
    text = request.headers.get("last-event-id", "")
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else 0


async def _stream(request: Request, after: int) -> AsyncIterator[str]:
    from console.stopping import stopping  # noqa: PLC0415 - a function never streams, and starts without it

    before = ""
    stopping.listen()
    while not stopping.is_set and not await request.is_disconnected():
        changes = await _changes(after)
        data = json.dumps(changes)
        if data != before:
            after = max([after, *(each["sequence"] for each in changes["events"])])
            before = json.dumps({**changes, "events": []})
            yield f"id: {after}\ndata: {data}\n\n"
        else:
            yield ": still here\n\n"
        await asyncio.sleep(_POLL)


async def _changes(after: int) -> dict[str, Any]:
    # In a thread: reading S3 blocks, and other requests must go on meanwhile.
    entries = await asyncio.to_thread(store().after, after)
    return {
        "events": [views.entry(each) for each in entries],
        "status": await asyncio.to_thread(_status),
    }


def _status() -> dict[str, Any]:
    return {"environment": own_name(), **views.status(store().state(), next(iter(store().last()), None))}


def _manifest(number: int) -> dict[str, Any]:
    manifest = store().manifest(number)
    if manifest is None:
        raise HTTPException(404, f"There is no release {number}.")
    return manifest


def _before(cursor: str) -> int:
    """The number that a page ends before; a page without a cursor begins with the newest release."""
    key = key_of(cursor)
    if not key.isdecimal() and key:
        raise unknown_cursor()
    return min(int(key), _BEHIND) if key and len(key) < 9 else _BEHIND  # noqa: PLR2004 - digits
