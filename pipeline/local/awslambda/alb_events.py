"""Turn HTTP requests into ALB events for a function, and the function's answers into HTTP responses.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipeline.core.errors import TandemError
from pipeline.core.json_text import damage, parse_json
from pipeline.local.awslambda.http1 import Header, HttpRequest

LIMIT = 1024 * 1024
"""Maximum size in bytes of a request's body, and of a response's JSON."""
_TEXTS = frozenset({"application/json", "application/javascript", "application/xml"})
_HOP_BY_HOP = frozenset(
    (
        *("connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"),
        *("transfer-encoding", "upgrade"),
    )
)
_RECOMPUTED = frozenset({"content-length"})
_STATUSES = range(100, 1000)
_SHOWN = 80


class MalformedAnswerError(TandemError):
    """A function's answer is not a valid ALB response; the client gets a 502."""


@dataclass(frozen=True)
class HttpResponse:
    """One HTTP response."""

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    reason: str = ""


def event(request: HttpRequest, target_group: str, *, multi_value: bool) -> dict[str, Any]:
    """The ALB event for one request."""
    path, _, query = request.target.partition("?")
    headers = [header for header in request.headers if header[0] not in _HOP_BY_HOP]
    body, encoded = _body(request)
    prefix, collect = ("multiValueH", _all) if multi_value else ("h", _last)
    queries = "multiValueQueryStringParameters" if multi_value else "queryStringParameters"
    return {
        "requestContext": {"elb": {"targetGroupArn": target_group}},
        "httpMethod": request.method,
        "path": path,
        queries: collect(_parameters(query)),
        f"{prefix}eaders": collect(headers),
        "body": body,
        "isBase64Encoded": encoded,
    }


def _last(pairs: Iterable[Header]) -> dict[str, str]:
    return dict(pairs)


def _all(pairs: Iterable[Header]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for name, value in pairs:
        out.setdefault(name, []).append(value)
    return out


def _parameters(query: str) -> list[Header]:
    """The query parameters, not decoded, as an ALB passes them on."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return [(name, value) for name, _, value in pairs]


def _body(request: HttpRequest) -> tuple[str, bool]:
    if not request.body:
        return "", False
    if _is_text(request):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode("ascii"), True


def _is_text(request: HttpRequest) -> bool:
    kind = request.header("content-type").partition(";")[0].strip().lower()
    return not request.header("content-encoding") and (kind.startswith("text/") or kind in _TEXTS)


def response(payload: bytes, *, multi_value: bool) -> HttpResponse:
    """The HTTP response in a function's answer.

    Raises:
        MalformedError: the answer is not a valid ALB response.
    """
    if len(payload) > LIMIT:
        raise MalformedAnswerError(f"the answer has {len(payload)} bytes of JSON: more than {LIMIT}")
    answer = _object(payload)
    description = str(answer.get("statusDescription") or "")
    _, _, reason = description.partition(" ")
    return HttpResponse(
        _status(answer), tuple(_headers(answer, multi_value)), _content(answer), _clean(reason)
    )


def _object(payload: bytes) -> dict[str, Any]:
    try:
        answer = parse_json(payload)
    except ValueError as error:
        raise MalformedAnswerError(f"the answer is not JSON: {damage(error)}") from error
    if not isinstance(answer, dict):
        raise MalformedAnswerError("the answer is not a JSON object")
    return answer


def _status(answer: dict[str, Any]) -> int:
    status = answer.get("statusCode")
    if isinstance(status, bool) or not isinstance(status, int) or status not in _STATUSES:
        raise MalformedAnswerError(f"statusCode is not an HTTP status: {_excerpt(status)}")
    return status


def _headers(answer: dict[str, Any], multi_value: bool) -> Iterable[Header]:  # noqa: FBT001 - the group's attribute
    headers = answer.get("multiValueHeaders" if multi_value else "headers")
    if headers is None:
        return
    if not isinstance(headers, dict):
        raise MalformedAnswerError("the headers are not a JSON object")
    for name, values in headers.items():
        for value in values if multi_value and isinstance(values, list) else [values]:
            if not isinstance(value, str):
                raise MalformedAnswerError(f"the header {_excerpt(name)} is not text: {_excerpt(value)}")
            if name.lower() not in _HOP_BY_HOP | _RECOMPUTED:
                yield _clean(name), _clean(value)


def _excerpt(value: object) -> str:
    return ascii(value)[:_SHOWN]


def _clean(text: str) -> str:
    """Refuse a line break: a header must not break out of its line."""
    if "\r" in text or "\n" in text:
        raise MalformedAnswerError("a header holds a line break")
    return text


def _content(answer: dict[str, Any]) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise MalformedAnswerError("the body is not text")
    if answer.get("isBase64Encoded") is not True:
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise MalformedAnswerError(f"the body is not base64: {error}") from error
