"""Answer a repeated call with the first answer: a client that lost it repeats the call with the same id.

Under load an answer can get lost between the control plane and Terraform's provider. Some calls fail the
second time (a security group's rule is a duplicate), and the resource would be missing from the state.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

Answer = tuple[str, list[tuple[str, str]], bytes]
_MAX_ANSWERS = 1024
_MAX_BYTES = 1 << 20


class Replay:
    """A WSGI application around another one; it keeps the newest answers by the SDKs' invocation ids."""

    def __init__(self, application: Any) -> None:  # noqa: ANN401 - WSGI
        self._application = application
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._lock = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        invocation = environ.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        if not invocation or environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            answer: Iterable[bytes] = self._application(environ, start_response)
            return answer
        with self._lock:
            stored = self._answers.get(invocation)
        status, headers, body = stored or self._call(environ, invocation)
        start_response(status, headers)
        return [body]

    def _call(self, environ: dict[str, Any], invocation: str) -> Answer:
        starts: list[tuple[str, list[tuple[str, str]]]] = []
        pieces = self._application(environ, lambda status, headers, *_: starts.append((status, headers)))
        try:
            body = b"".join(pieces)
        finally:
            getattr(pieces, "close", lambda: None)()
        answer = (*starts[0], body)
        if answer[0] < "500" and len(body) <= _MAX_BYTES:
            with self._lock:
                self._answers[invocation] = answer
                while len(self._answers) > _MAX_ANSWERS:
                    self._answers.popitem(last=False)
        return answer
