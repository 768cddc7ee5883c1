"""Routes that show what arrived, to see what the way through the load balancer does to a request."""

import asyncio
import base64
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

router = APIRouter(prefix="/api/echo")
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_ONE_MIB = 1 << 20


@router.api_route("", methods=_METHODS)
@router.api_route("/path/{rest:path}", methods=_METHODS)
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


@router.get("/status/{code}")
def status(code: Annotated[int, Path(ge=200, le=599)]) -> Response:
    return Response(f"status {code}\n" if code not in {204, 304} else None, code, media_type="text/plain")


@router.get("/bytes/{size}")
def binary(size: Annotated[int, Path(ge=0, le=4 * _ONE_MIB)]) -> Response:
    """So many bytes that are no text."""
    return Response(bytes(number % 256 for number in range(size)), media_type="application/octet-stream")


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
