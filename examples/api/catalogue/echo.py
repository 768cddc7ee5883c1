"""Routes that show what arrived, to see what the way through the load balancer does to a request."""

import asyncio
import base64
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse

router = APIRouter(prefix="/api/echo")
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_ONE_MIB = 1 << 20


# Not in the OpenAPI document: it takes anything.
@router.api_route("", methods=_METHODS, include_in_schema=False)
@router.api_route("/path/{rest:path}", methods=_METHODS, include_in_schema=False)
async def echo(request: Request) -> dict[str, Any]:
    """Method, path, query, headers and body as the application saw them; repeated names keep all values."""
    body = await request.body()
    return {
        "method": request.method,
        "path": request.url.path,
        "query": request.query_params.multi_items(),
        "headers": request.headers.items(),
        "cookies": request.cookies,
        "body": base64.b64encode(body).decode(),
    }


_AS_ASKED = {"description": "As asked for.", "content": {"text/plain": {}, "application/problem+json": {}}}
_ANY_STATUS: dict[int | str, dict[str, Any]] = dict.fromkeys(("2XX", "3XX", "4XX", "5XX"), _AS_ASKED)


@router.get("/status/{code}", response_class=PlainTextResponse, responses=_ANY_STATUS)
def status(code: Annotated[int, Path(ge=200, le=599)]) -> Response:
    return PlainTextResponse(f"status {code}\n" if code not in {204, 205, 304} else None, code)


class _Bytes(Response):
    media_type = "application/octet-stream"


@router.get("/bytes/{size}", response_class=_Bytes)
def binary(size: Annotated[int, Path(ge=0, le=4 * _ONE_MIB)]) -> Response:
    """So many bytes that are no text."""
    return _Bytes(bytes(number % 256 for number in range(size)))


@router.get("/cookies")
def cookies(response: Response) -> dict[str, str]:
    """Two cookies in one answer."""
    response.set_cookie("first", "1")
    response.set_cookie("second", "2")
    return {"set": "first, second"}


@router.get("/slow")
async def slow(seconds: Annotated[float, Query(ge=0, le=60)] = 1) -> dict[str, float]:
    """Answers late."""
    await asyncio.sleep(seconds)
    return {"slept": seconds}
