"""One HTTP exchange with a registry: it follows redirects, and every body that it reads has a limit."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import IO
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from pipeline.core.errors import TandemError

LIMIT = 4 << 20
"""Bytes of a manifest, a configuration or an answer; the distribution specification asks for no more."""
_HOPS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SEE_OTHER = 303
_TIMEOUT = urllib3.Timeout(connect=10, read=120)
_BODY_SECONDS = 120
"""A body that is read into memory must have arrived by then, however slowly it drips."""
_CHUNK = 1 << 20
_PIECE = 64 << 10
_ERRORS = 300
_SHOWN = 200
_PORTS = {"http": 80, "https": 443}

Body = bytes | Callable[[], IO[bytes]]
Login = Callable[[str], Mapping[str, str]]
FAILURES = (HTTPError, HTTPException, OSError, ValueError)
"""How a connection or an answer fails; ValueError comes from addresses that are none."""


@dataclass(frozen=True)
class Request:
    """What is sent; `limit` is the number of bytes that the answer may have in memory."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body | None = None
    limit: int = LIMIT
    stream: bool = False
    timeout: urllib3.Timeout = _TIMEOUT
    seconds: float | None = None
    """How long the content may take, if it is read into memory."""


@dataclass(frozen=True)
class Response:
    """What came back: the content is in `data`, or comes from `pieces` if the request asked for a stream."""

    status: int
    headers: urllib3.HTTPHeaderDict
    url: str
    """The address that answered, which is another than the request's after a redirect."""
    data: bytes = b""
    source: urllib3.BaseHTTPResponse | None = None

    @property
    def location(self) -> str:
        """The address in `Location`, resolved against the one that answered; empty if there is none."""
        location = self.headers.get("Location", "")
        return _join(self.url, location) if location else ""

    def pieces(self) -> Iterator[bytes]:
        """The content in pieces of at most 1 MiB; the connection is closed if not all of it is taken."""
        if self.source is None:
            yield self.data
            return
        try:
            while piece := self.source.read(_CHUNK):
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        """End the exchange; the connection is used again if the content was read to its end."""
        if self.source is not None:
            with suppress(*FAILURES):
                self.source.close()
                self.source.release_conn()


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of `url`.

    Raises:
        TandemError: `url` is not an address.
    """
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError as error:
        raise TandemError(f"the registry named an address that is none: {printable_url(url)}") from error


def printable_url(url: str) -> str:
    """`url` for a message: its query or fragment may be a signature, its user a secret."""
    scheme, separator, rest = re.split("[?#]", url, maxsplit=1)[0].partition("://")
    host, slash, path = (rest if separator else scheme).partition("/")
    text = f"{scheme}://" if separator else ""
    return printable(f"{text}{host.rpartition('@')[2]}{slash}{path}")


def printable(text: str) -> str:
    """The beginning of a text that another machine sent, without control characters."""
    return "".join(char if char.isprintable() else " " for char in text[:_SHOWN]).strip()


def exchange(
    pool: urllib3.PoolManager, request: Request, may_connect: Callable[[str], bool], login: Login
) -> Response:
    """Send `request` and follow redirects; `login` gives the headers that an address may see.

    Raises:
        TandemError: A redirect leads nowhere or to plain HTTP, or the content exceeds the limit.
        HTTPError, HTTPException, OSError, ValueError: The connection or the answer broke.
    """
    url, method, body = request.url, request.method, request.body
    for _ in range(_HOPS + 1):
        _check(url, may_connect)
        headers = {**request.headers, **login(url)}
        answer = _once(pool, method, url, headers, body, request.timeout)
        location = answer.headers.get("Location", "")
        if answer.status not in _REDIRECTS or not location:
            return _response(answer, url, request, method)
        answer.close()
        url = _join(url, location)
        if answer.status == _SEE_OTHER and method != "HEAD":
            method, body = "GET", None
    raise TandemError(
        f"cannot read {printable_url(request.url)}: the registry redirected it more than {_HOPS} times",
        hint="check the registry's address",
    )


def _once(  # noqa: PLR0913, PLR0917 - what HTTP has
    pool: urllib3.PoolManager,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: Body | None,
    timeout: urllib3.Timeout,
) -> urllib3.BaseHTTPResponse:
    content = body() if callable(body) else body
    try:
        return pool.request(
            method,
            url,
            headers=headers,
            body=content,
            retries=False,
            redirect=False,
            preload_content=False,
            timeout=timeout,
        )
    finally:
        if content is not None and not isinstance(content, bytes):
            content.close()


def _response(answer: urllib3.BaseHTTPResponse, url: str, request: Request, method: str) -> Response:
    headers = urllib3.HTTPHeaderDict(answer.headers)
    is_error = answer.status >= _ERRORS
    if request.stream and not is_error and method != "HEAD":
        return Response(answer.status, headers, url, source=answer)
    return Response(answer.status, headers, url, _read(answer, url, request, is_error=is_error))


def _read(answer: urllib3.BaseHTTPResponse, url: str, request: Request, *, is_error: bool) -> bytes:
    """The content, which must not exceed the limit; of an error only the beginning."""
    limit = _PIECE if is_error else request.limit
    seconds = request.seconds or _BODY_SECONDS
    pieces, size, deadline = list[bytes](), 0, time.monotonic() + seconds
    while piece := answer.read1(min(_PIECE, limit + 1 - size)):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            answer.close()
            if is_error:
                break
            raise TandemError(
                f"refused the answer of {printable_url(url)}: it has more than {limit} bytes",
                hint="check that it is the right registry and the right image",
            )
        if time.monotonic() > deadline:
            answer.close()
            raise TimeoutError(f"its content did not arrive in {seconds:.0f} s")
    answer.release_conn()
    return b"".join(pieces)


def _check(url: str, may_connect: Callable[[str], bool]) -> None:
    if not may_connect(url):
        raise TandemError(
            f"refused to connect to {printable_url(url)}: the registry sent us there, and it is not on HTTPS",
            hint="set the registry's own address to https:// in its settings",
        )


def _join(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise TandemError(f"the registry named an address that is none: {printable_url(location)}") from error
