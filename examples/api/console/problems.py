"""Errors as application/problem+json (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from console.objects import UnreadableError
from console.observe import logger

_RETRY_SECONDS = 5
_TYPE = "application/problem+json"
_DOCUMENTED: dict[str, Any] = {
    "description": "A problem (RFC 9457).",
    "content": {_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
RESPONSES: dict[int | str, dict[str, Any]] = {"4XX": _DOCUMENTED, "5XX": _DOCUMENTED}
"""What the OpenAPI document says of errors, for `FastAPI(responses=...)`."""


def problem(status: int, detail: str, **headers: str) -> JSONResponse:
    """One problem; `detail` is a sentence for people."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse(body, status, {"Cache-Control": "no-store", **headers}, media_type=_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of the application with a problem."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(UnreadableError, _unreadable)
    app.add_exception_handler(Exception, _unexpected)


def _http(_: Request, error: HTTPException) -> JSONResponse:
    return problem(error.status_code, str(error.detail), **dict(error.headers or {}))


def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    return problem(422, f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}")


def _unreadable(_: Request, error: Exception) -> JSONResponse:
    logger.warning("the releases cannot be read: %s", error)
    return problem(503, "The releases cannot be read now.", retry_after=str(_RETRY_SECONDS))


def _unexpected(_: Request, error: Exception) -> JSONResponse:
    logger.exception("a request failed", exc_info=error)
    return problem(500, "The request failed. The log says why.")
