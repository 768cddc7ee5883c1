"""Read and write HTTP/1.1 messages of two kinds of peers: HAProxy and runtime clients.

The module is small on purpose: every API request passes it twice, and the standard library's server takes
ten times as long as the function.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from io import BufferedIOBase
from itertools import islice

from pipeline.core.errors import TandemError

_LINE = 128 * 1024
_HEADERS = 1_000

Header = tuple[str, str]


class TooLargeError(TandemError):
    """A body is larger than its reader accepts."""


@dataclass(frozen=True)
class HttpRequest:
    """One HTTP request."""

    method: str
    target: str
    """Path and query, not decoded."""
    headers: tuple[Header, ...] = ()
    """Names in lower case."""
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first value of the header; empty without it."""
        return next((value for key, value in self.headers if key == name), "")


def read(stream: BufferedIOBase, limit: int, out: BufferedIOBase | None = None) -> HttpRequest | None:
    """The next request; None at the end of the connection.

    With `out`, a client's `Expect: 100-continue` is answered there.

    Raises:
        TooLargeError: the body has more than `limit` bytes.
        ValueError: the message is not HTTP/1.1.
    """
    first = stream.readline(_LINE)
    if not first.strip():
        return None
    method, target, _ = first.decode("latin-1").split(" ", 2)
    headers = tuple(islice(iter(lambda: _header(stream), None), _HEADERS))
    if len(headers) == _HEADERS:
        raise ValueError("the message has too many headers")
    by_name = dict(headers)
    if out is not None and by_name.get("expect", "").lower() == "100-continue" and _length(by_name) <= limit:
        out.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        out.flush()
    return HttpRequest(method, target, headers, _body(stream, by_name, limit))


def _header(stream: BufferedIOBase) -> Header | None:
    line = stream.readline(_LINE)
    if not line.strip():
        return None
    name, _, value = line.decode("latin-1").partition(":")
    return name.strip().lower(), value.strip()


def _body(stream: BufferedIOBase, headers: dict[str, str], limit: int) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _chunks(stream, limit)
    length = _length(headers)
    if length > limit:
        raise TooLargeError(f"a body of {length} bytes: more than {limit}")
    return stream.read(length)


def _length(headers: dict[str, str]) -> int:
    return _number(headers.get("content-length") or "0", 10)


def _number(text: str, base: int) -> int:
    """A length; ValueError if it has a sign, a space or an underscore, as Python's own numbers may."""
    if not text.isalnum() or not text.isascii():
        raise ValueError("a length is not a number")
    return int(text, base)


def _chunks(stream: BufferedIOBase, limit: int) -> bytes:
    parts, total = [], 0
    while size := _number(stream.readline(_LINE).split(b";")[0].strip().decode("latin-1"), 16):
        total += size
        if total > limit:
            raise TooLargeError(f"a body of more than {limit} bytes")
        parts.append(stream.read(size))
        stream.readline(_LINE)
    while stream.readline(_LINE).strip():
        pass
    return b"".join(parts)


def write(
    stream: BufferedIOBase, status: int, headers: Iterable[Header], body: bytes, *, reason: str = ""
) -> None:
    """Write one response with its Content-Length, and flush it as a whole."""
    length = ("Content-Length", str(len(body)))
    stream.write(_head(status, (*headers, length), reason) + body)
    stream.flush()


def write_head(stream: BufferedIOBase, status: int, headers: Iterable[Header], reason: str = "") -> None:
    """Write one response that has no body by its kind."""
    stream.write(_head(status, headers, reason))
    stream.flush()


def _head(status: int, headers: Iterable[Header], reason: str) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {reason or _reason(status)}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
