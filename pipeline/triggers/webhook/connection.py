"""A connection that has an end: a client that sends nothing, or a byte now and then, must not keep it."""

import asyncio

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

SECONDS = 20.0
"""More than a body may take; services send one delivery and close."""
BACKLOG = 2048


def server_config(app: Starlette) -> uvicorn.Config:
    """The server's configuration: strangers can reach it, so it says little and waits for nobody."""
    return uvicorn.Config(
        app,
        http=ShortConnection,
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
    )


class ShortConnection(H11Protocol):
    """uvicorn's connection, which ends after `SECONDS`: at once if no request is being answered, else then.

    uvicorn itself limits the time between two requests only.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        super().connection_made(transport)
        self._end = self.loop.call_later(SECONDS, self._close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end.cancel()
        super().connection_lost(exc)

    def _close(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        else:
            self.cycle.keep_alive = False
