"""Let only those to the control plane who sign with its keys, and no page of a browser.

A browser sends requests to loopback addresses for any page. It cannot sign them, and an Origin, a foreign
Host (DNS rebinding) or a preflight gives it away already. Other users of the machine lack the keys as well.
"""

import io
import posixpath
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from pipeline.local.moto.issued_keys import find_secret
from pipeline.local.moto.signature import Signature, SignedRequest
from pipeline.local.stack_keys import StackKeys

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
_FORBIDDEN = "403 Forbidden"
_HIDDEN = "/moto-api"
_HASH_LENGTH = 64
_XML = {"s3", "route53", "cloudfront"}
"""Services that speak XML without a form in the request."""


class Gate:
    """A WSGI application around the control plane's, which only answers what comes through here."""

    def __init__(self, application: Any, keys: StackKeys) -> None:  # noqa: ANN401 - WSGI
        self._application = application
        self._keys = keys

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        reason = browser_refusal(environ)
        if reason:
            return _refuse(start_response, reason)
        signature = Signature.of(_headers(environ), environ.get("QUERY_STRING", ""))
        error = self._error(signature, environ) if signature else None
        if signature is None or error:
            is_xml = "form" in environ.get("CONTENT_TYPE", "") or (signature and signature.service in _XML)
            return _refuse_as_aws(start_response, *(error or _MISSING), is_json=not is_xml)
        # moto and its policies know a request's principal by this header: presigned requests get one too.
        environ["HTTP_AUTHORIZATION"] = signature.header
        answer: Iterable[bytes] = self._application(environ, _without_cors(start_response))
        return answer

    def _error(self, signature: Signature, environ: Environ) -> tuple[str, str] | None:
        """AWS's error code and message; None if the signature is right."""
        now = datetime.now(UTC)
        secret = find_secret(self._keys, signature.access_key, signature.token, now)
        if secret is None:
            return "InvalidClientTokenId", "the access key or its session token is not of this local AWS"
        if not signature.is_current(now):
            return "RequestExpired", "the signature is too old, or of the future"
        if not signature.is_made_with(secret, _signed_request(environ)):
            return "SignatureDoesNotMatch", "the signature is not made with this access key's secret"
        return None


_MISSING = ("MissingAuthenticationToken", "the request is not signed with the keys of this local AWS")


def browser_refusal(environ: Environ) -> str:
    """Why a request is refused even with a right signature; empty if it is not."""
    if environ.get("HTTP_HOST") != f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}":
        return "this host name is not the local AWS's own address"
    if "HTTP_ORIGIN" in environ or environ["REQUEST_METHOD"] == "OPTIONS":
        return "the local AWS takes no request of a page in a browser"
    path = posixpath.normpath("/" + environ.get("PATH_INFO", "").lstrip("/")).lower()
    return "the local AWS has no such API" if path.startswith(_HIDDEN) else ""


def _headers(environ: Environ) -> dict[str, str]:
    """The request's headers by their names in lower case, as UTF-8 text."""
    values = {key[5:]: value for key, value in environ.items() if key.startswith("HTTP_")}
    values |= {name: environ[name] for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(name)}
    return {
        name.replace("_", "-").lower(): value.encode("latin-1").decode("utf-8", "surrogateescape")
        for name, value in values.items()
    }


def _signed_request(environ: Environ) -> SignedRequest:
    """What the signature covers."""
    headers = _headers(environ)
    stated = headers.get("x-amz-content-sha256", "")
    if not stated or len(stated) == _HASH_LENGTH:
        # A signed hash of another body makes another signature.
        stated = sha256(_body(environ)).hexdigest()
    return SignedRequest(environ["REQUEST_METHOD"], environ["REQUEST_URI"], headers, stated)


def _body(environ: Environ) -> bytes:
    """The request's body, which stays readable for the application."""
    if environ.get("wsgi.input_terminated"):
        body: bytes = environ["wsgi.input"].read()
    else:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _without_cors(start_response: Callable[..., Any]) -> Callable[..., Any]:
    def start(status: str, headers: Headers, *rest: Any) -> Any:  # noqa: ANN401 - WSGI
        other_headers = [header for header in headers if not header[0].lower().startswith("access-control-")]
        return start_response(status, other_headers, *rest)

    return start


def _refuse(start_response: Callable[..., Any], reason: str) -> Iterable[bytes]:
    start_response(_FORBIDDEN, [("Content-Type", "text/plain")])
    return [f"{reason}\n".encode()]


def _refuse_as_aws(
    start_response: Callable[..., Any], code: str, message: str, *, is_json: bool
) -> Iterable[bytes]:
    """AWS's error in the request's protocol, so that clients can show it."""
    kind = "application/x-amz-json-1.0" if is_json else "text/xml"
    text = f'{{"__type": "{code}", "message": "{message}"}}'
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    xml = f"<ErrorResponse>{error}<Errors>{error}</Errors></ErrorResponse>"  # EC2's form is the second
    start_response(_FORBIDDEN, [("Content-Type", kind), ("x-amzn-ErrorType", code)])
    return [(text if is_json else xml).encode()]
