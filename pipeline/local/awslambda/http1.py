"""Read and write HTTP/1.1 messages of peers that we know: HAProxy and runtime clients.

Small on purpose: every request of the API passes here twice, and the standard library's server costs
ten times as much as the function.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from io import BufferedIOBase

from pipeline.core.errors import TandemError

_LINE = 128 * 1024

Header = tuple[str, str]


class TooLargeError(TandemError):
    """A body is larger than its reader takes."""


@dataclass(frozen=True)
class Request:
    """One HTTP request."""

    method: str
    target: str
    """Path and query, as they came."""
    headers: tuple[Header, ...] = ()
    """Names in lower case."""
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first such header's value, or nothing."""
        return next((value for key, value in self.headers if key == name), "")


def read(stream: BufferedIOBase, limit: int, out: BufferedIOBase | None = None) -> Request | None:
    """The next request; None at the end. TooLargeError for a body of more than `limit` bytes.

    With `out`, a client that waits for leave to send its body is told to go on there.
    """
    first = stream.readline(_LINE)
    if not first.strip():
        return None
    method, target, _ = first.decode("latin-1").split(" ", 2)
    headers = tuple(iter(lambda: _header(stream), None))
    named = dict(headers)
    if out is not None and named.get("expect", "").lower() == "100-continue" and _length(named) <= limit:
        out.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        out.flush()
    return Request(method, target, headers, _body(stream, named, limit))


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
    return int(headers.get("content-length") or 0)


def _chunks(stream: BufferedIOBase, limit: int) -> bytes:
    parts, total = [], 0
    while size := int(stream.readline(_LINE).split(b";")[0], 16):
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
    """One response, flushed as a whole; the body's length is added."""
    length = ("Content-Length", str(len(body)))
    stream.write(_head(status, (*headers, length), reason) + body)
    stream.flush()


def write_head(stream: BufferedIOBase, status: int, headers: Iterable[Header], reason: str = "") -> None:
    """One response that by its nature has no body."""
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
