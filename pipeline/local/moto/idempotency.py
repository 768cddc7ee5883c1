"""Answer a repeated call as the first time: a client that lost the reply tries again with the same id.

Under load a reply can get lost between the control plane and Terraform's provider. Some calls cannot be
made twice (a security group's rule is a duplicate then), and what was made would be missing from the state.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

Answer = tuple[str, list[tuple[str, str]], bytes]
_KEPT = 1024
_LARGEST = 1 << 20


class Replay:
    """A WSGI application in front of another; keeps the last answers by the SDKs' invocation ids."""

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
            known = self._answers.get(invocation)
        status, headers, body = known or self._asked(environ, invocation)
        start_response(status, headers)
        return [body]

    def _asked(self, environ: dict[str, Any], invocation: str) -> Answer:
        told: list[tuple[str, list[tuple[str, str]]]] = []
        pieces = self._application(environ, lambda status, headers, *_: told.append((status, headers)))
        try:
            body = b"".join(pieces)
        finally:
            getattr(pieces, "close", lambda: None)()
        answer = (*told[0], body)
        if answer[0] < "500" and len(body) <= _LARGEST:
            with self._lock:
                self._answers[invocation] = answer
                while len(self._answers) > _KEPT:
                    self._answers.popitem(last=False)
        return answer
