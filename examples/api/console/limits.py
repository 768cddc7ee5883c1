"""The limits behind a load balancer, answered in words: requests on both runtimes, answers on Lambda.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.problems import problem

LARGEST = 1 << 20
"""Bytes of a request's body, and of the JSON in which a function answers."""
TEXTS = (
    *("text/", "application/json", "application/javascript", "application/xml", "application/vnd.api+json"),
    "application/vnd.oai.openapi",
)
"""Kinds that Mangum answers as text; a server has no Mangum."""
_HEADERS = 16 << 10
"""Bytes of that JSON that are left for the answer's headers."""


class RequestLimit:
    """ASGI middleware: a body over 1 MiB is a 413 on a server too, as at a load balancer before Lambda."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        messages = await _read(receive)
        if sum(len(each.get("body", b"")) for each in messages) > LARGEST:
            words = f"The request's body has more than {LARGEST} bytes, the most that a load balancer takes."
            # The rest is not read, so that the connection cannot be used again.
            await problem(413, words, connection="close")(scope, receive, send)
            return

        async def again() -> Message:
            return messages.pop(0) if messages else await receive()

        await self._app(scope, again, send)


def _has_body(scope: Scope) -> bool:
    return any(name in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])


async def _read(receive: Receive) -> list[Message]:
    """The messages of the body, and none behind the limit."""
    messages, count = list[Message](), 0
    while count <= LARGEST:
        message = await receive()
        messages.append(message)
        count += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    return messages


class AnswerLimit:
    """ASGI middleware: on Lambda an answer over 1 MiB of JSON is a 502 in words; a load balancer has none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["app"].state.limits_answers:
            await self._app(scope, receive, send)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        size = in_json(b"".join(each.get("body", b"") for each in messages), _kind(messages))
        if size > LARGEST - _HEADERS:
            words = (
                f"The answer would have {size} bytes, and a load balancer takes {LARGEST} from a function."
                " Ask for fewer, accept gzip, or use a link of /api/exports."
            )
            await problem(502, words)(scope, receive, send)
            return
        for message in messages:
            await send(message)


def in_json(body: bytes, kind: str) -> int:
    """How many bytes a body takes in the JSON of a function: Mangum quotes text, the rest becomes base64."""
    if any(each in kind for each in TEXTS):
        try:
            return len(json.dumps(body.decode()))
        except UnicodeDecodeError:
            pass
    return -(-len(body) // 3) * 4 + 2


def _kind(messages: list[Message]) -> str:
    headers = dict(messages[0].get("headers", ())) if messages else {}
    return str(headers.get(b"content-type", b"").decode("latin-1"))
