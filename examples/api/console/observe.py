"""Structured log lines with the request's ids, and metrics in the line of each request.

Powertools for AWS Lambda does the same and more; its import would lengthen the cold start by a sixth.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger("api")
NAMESPACE = "METRICS_NAMESPACE"
"""The variable that names the metrics' namespace in CloudWatch; without it there are none: each costs."""
_TRACE = b"x-amzn-trace-id"
_SERVER_ERROR = 500
_METRICS = {"milliseconds": "Milliseconds", "cold_starts": "Count", "errors": "Count"}
_ids: ContextVar[Mapping[str, str]] = ContextVar("ids", default={})  # noqa: B039 - never changed


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
            **_ids.get(),
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
    """ASGI middleware: logs method, path, status and milliseconds, and whether the process is new.

    Lines that are written meanwhile have the request's ids, too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._is_cold = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _ids.set(_ids_of(scope))
        began, status = time.perf_counter(), _SERVER_ERROR

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
            "cold_start": self._is_cold,
        }
        self._is_cold = False
        logger.info("request", extra={"fields": fields | _metrics(fields)})


def _ids_of(scope: Scope) -> dict[str, str]:
    """The load balancer's trace id and, on Lambda, the id of the invocation."""
    ids = {
        "trace": dict(scope["headers"]).get(_TRACE, b"").decode("latin-1"),
        "request": getattr(scope.get("aws.context"), "aws_request_id", ""),
    }
    return {name: value for name, value in ids.items() if value}


def _metrics(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What makes the line's values metrics: CloudWatch's embedded metric format.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    namespace = os.environ.get(NAMESPACE)
    if not namespace:
        return {}
    metrics = [{"Name": name, "Unit": unit} for name, unit in _METRICS.items()]
    directive = {"Namespace": namespace, "Dimensions": [["service"]], "Metrics": metrics}
    return {
        "_aws": {"Timestamp": round(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "service": "api",
        "cold_starts": int(fields["cold_start"]),
        "errors": int(fields["status"] >= _SERVER_ERROR),
    }
