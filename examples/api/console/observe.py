"""One structured log line for each request, with the load balancer's trace id."""

import json
import logging
import os
import sys
import time
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger("api")
_TRACE = b"x-amzn-trace-id"


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def to_stdout() -> None:
    """Write the log to standard output as JSON lines."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Json())
    logger.handlers = [handler]
    logger.setLevel(os.environ.get("LOG_LEVEL", "INFO"))
    logger.propagate = False


class RequestLog:
    """ASGI middleware: logs method, path, status and milliseconds, and whether the process is new."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._is_cold = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            self._log(scope, status, (time.perf_counter() - began) * 1000)

    def _log(self, scope: Scope, status: int, milliseconds: float) -> None:
        fields: dict[str, Any] = {
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "milliseconds": round(milliseconds, 1),
            "trace": dict(scope["headers"]).get(_TRACE, b"").decode("latin-1"),
            "cold_start": self._is_cold,
        }
        self._is_cold = False
        logger.info("request", extra={"fields": fields})
