"""The HTTP application: refuse what is not a signed push to a source, store the rest, answer at once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.trigger import Trigger
from pipeline.git.printable_text import printable
from pipeline.triggers.queue import Queue
from pipeline.triggers.webhook.services import Delivery, RefusedError, moved_sources, read_delivery

LARGEST = 1 << 20
"""Bytes of a body."""
_BODY_SECONDS = 10.0
_SHOWN = 60


@dataclass(frozen=True)
class Receiver:
    """Takes deliveries for one project into `queue`; `wake` is called after each that was stored."""

    project: Project
    queue: Queue
    secrets: Sequence[bytes]
    wake: Callable[[], None]

    async def receive(self, request: Request) -> Response:
        """Answer one delivery; one line of log each, without anything secret."""
        try:
            body = await _body(request)
            delivery = read_delivery(request.headers, body, self.secrets)
            titles = await run_in_threadpool(self._store, delivery)
        except RefusedError as refused:
            is_error = refused.status >= HTTPStatus.BAD_REQUEST
            return _answer(refused.status, "refused" if is_error else "ignored", refused.why)
        except TandemError as error:
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "not stored", error.message)
        if not titles:
            return _answer(HTTPStatus.OK, "known", f"{delivery.id} was delivered before")
        self.wake()
        return _answer(HTTPStatus.ACCEPTED, "queued", ", ".join(titles))

    def _store(self, delivery: Delivery) -> list[str]:
        """Store a trigger for each source that moved, durably; returns their titles, none if known."""
        moves = moved_sources(self.project, delivery.push)
        by, at = printable(delivery.push.by, _SHOWN) or "unknown", _now()
        titles = []
        for source, (before, after) in moves.items():
            trigger = Trigger(delivery.service, by, at, source, before, after)
            if self.queue.add(trigger, f"{delivery.id}-{source}"):
                titles.append(str(trigger))
        return titles


def make_app(receiver: Receiver, worker: AbstractContextManager[object]) -> Starlette:
    """The application; `worker` runs while it does."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(worker.__enter__)
        try:
            yield
        finally:
            await run_in_threadpool(worker.__exit__, None, None, None)

    async def healthy(_: Request) -> Response:
        try:
            waiting = await run_in_threadpool(receiver.queue.waiting)
        except TandemError as error:
            return JSONResponse({"why": error.message}, HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse({"waiting": len(waiting)})

    routes = [
        Route("/", receiver.receive, methods=["POST"]),
        Route("/healthz", healthy, methods=["GET"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


async def _body(request: Request) -> bytes:
    """The body; RefusedError if it is too large or too slow."""
    too_large = RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"its body is larger than {LARGEST} bytes")
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:_SHOWN]) > LARGEST:
        raise too_large
    parts, size = [], 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size > LARGEST:
                    raise too_large
                parts.append(part)
    except (TimeoutError, ClientDisconnect) as error:
        raise RefusedError(HTTPStatus.REQUEST_TIMEOUT, "its body did not arrive in time") from error
    return b"".join(parts)


def _answer(status: HTTPStatus, result: str, why: str) -> Response:
    console.info(f"{_now()[:19]}  {status.value}  {result}: {why}")
    return JSONResponse({"result": result, "why": why}, status)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
