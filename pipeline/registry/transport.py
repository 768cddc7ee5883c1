"""Send HTTP requests to one registry: plain on loopback, TLS elsewhere; retry where that can help."""

import base64
import ipaddress
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, unquote, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, NameResolutionError

from pipeline.core.errors import TandemError
from pipeline.core.interrupts import go_on
from pipeline.core.retry import RetryingCaller
from pipeline.registry.auth import Authorizer, Credentials, scope_of
from pipeline.registry.exchange import (
    FAILURES,
    LIMIT,
    Body,
    Request,
    Response,
    exchange,
    origin,
    printable,
    printable_url,
)

ATTEMPTS = 6
"""How often a request is sent whose answer says that more time would hardly help."""
PATIENCE = 30.0
"""Seconds from the first failure that a registry may be gone, as it is while it restarts."""
_CONNECTIONS = 16
_CHUNK = 1 << 20
_UNAUTHORIZED = 401
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_RESTARTING = frozenset({429, 502, 503, 504})


def is_loopback(host: str) -> bool:
    """Whether `host[:port]` is this machine, for which alone plain HTTP is used."""
    name = host.rsplit(":", 1)[0].strip("[]") if host.count(":") == 1 or "]" in host else host
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


class UnreachableError(TandemError):
    """The registry did not answer, or only that it is busy."""


class _AttemptError(Exception):
    """One attempt failed, and another may not; `retry_after` is in seconds, if the registry set it."""

    def __init__(self, why: str, *, restarting: bool, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.restarting, self.retry_after = restarting, retry_after


class _Patience:
    """Decides whether to try again, or after how many seconds."""

    def __init__(self) -> None:
        self.failures = 0
        self._first = 0.0

    def __call__(self, error: Exception) -> bool | float:
        if not isinstance(error, _AttemptError):
            return False
        self.failures += 1
        if self.failures == 1:
            self._first = time.monotonic()
        if error.retry_after is not None:
            return min(error.retry_after, PATIENCE) if self.failures < ATTEMPTS else False
        if error.restarting:
            return time.monotonic() - self._first < PATIENCE
        return self.failures < ATTEMPTS


class Transport:
    """Requests to one registry over reused connections; threads may share it."""

    def __init__(self, host: str, login: Callable[[], Credentials] | None = None) -> None:
        self.host = host
        self.base = f"{'http' if is_loopback(host) else 'https'}://{host}"
        self._origin = origin(self.base)
        self._pool = _pool_for(self.base)
        self._authorizer = Authorizer(host, login, self._pool)

    def request(  # noqa: PLR0913 - what HTTP has, each by name
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
        stream: bool = False,
        limit: int = LIMIT,
        attempts: int | None = None,
    ) -> Response:
        """Send until a response comes that a retry would not change; redirects are followed.

        The response's content is in `data`, unless `stream` is set. `attempts` limits how often it is sent.

        Raises:
            UnreachableError: The last attempt failed too.
            TandemError: The registry sent more than `limit` bytes, or redirects to plain HTTP.
        """
        patience = _Patience()
        retrying = RetryingCaller(
            attempts=attempts, timeout=None, wait_initial=0.1, wait_max=5.0, wait_jitter=0.1
        )
        request = Request(method, self.absolute(url), headers or {}, body, limit, stream)
        try:
            return retrying(patience, self._attempt, request)
        except _AttemptError as error:
            raise UnreachableError(
                f"{method} {printable_url(request.url)} failed after {patience.failures} attempts: {error}",
                hint=f"check that {self.host} is up, then run the command again:"
                " what it has is not sent again",
            ) from error

    def absolute(self, url: str) -> str:
        """The full URL of a path, or of an address that a registry returned."""
        return url if url.startswith(("http://", "https://")) else self.base + url

    def _attempt(self, request: Request) -> Response:
        go_on()
        try:
            response = self._send(request)
        except FAILURES as error:
            raise _AttemptError(
                printable(str(error)) or type(error).__name__, restarting=_may_return(error)
            ) from error
        if response.status in _BUSY:
            raise _AttemptError(
                f"HTTP {response.status}",
                restarting=response.status in _RESTARTING,
                retry_after=_seconds(response.headers.get("Retry-After", "")),
            )
        return response

    def _send(self, request: Request) -> Response:
        scope = scope_of(request.method, request.url)
        authorization = self._authorizer.header(scope)
        response = self._once(request.method, request, authorization)
        if response.status == _UNAUTHORIZED and self._is_own(response.url):
            challenges = response.headers.getlist("WWW-Authenticate")
            if self._authorizer.authorize(scope, challenges, authorization):
                return self._once(request.method, request, self._authorizer.header(scope))
        return response

    def _once(self, _method: str, request: Request, authorization: str) -> Response:
        # Redirected downloads (ECR's go to S3) carry their own signature; our header would break it.
        def login(url: str) -> Mapping[str, str]:
            return {"Authorization": authorization} if authorization and self._is_own(url) else {}

        return exchange(self._pool, request, self._may_connect, login)

    def _is_own(self, url: str) -> bool:
        return origin(url) == self._origin

    def _may_connect(self, url: str) -> bool:
        """Whether a request may go to `url`: plain HTTP stays on this machine, where it began."""
        scheme, host, _ = origin(url)
        return bool(host) and (
            scheme == "https" or (scheme == self._origin[0] == "http" and is_loopback(host))
        )


def _may_return(error: Exception) -> bool:
    """Whether waiting may help: a name that nobody knows and a wrong certificate stay what they are."""
    return not isinstance(error, NameResolutionError) and "CERTIFICATE_VERIFY_FAILED" not in str(error)


def _seconds(retry_after: str) -> float | None:
    """`Retry-After` in seconds: a number, or a date."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        return max(parsedate_to_datetime(retry_after).timestamp() - time.time(), 0.0)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _pool_for(base: str) -> urllib3.PoolManager:
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - not needed on loopback

    scheme, _, host = base.partition("://")
    proxy = "" if scheme == "http" else getproxies().get("https", "")
    if not proxy or proxy_bypass(host):
        return urllib3.PoolManager(maxsize=_CONNECTIONS, blocksize=_CHUNK)
    pool = _proxied(proxy)
    if pool is None:  # the address is not shown: it may hold a password
        raise TandemError(
            "HTTPS_PROXY is not the address of an HTTP proxy", hint="export HTTPS_PROXY=http://proxy:3128"
        )
    return pool


def _proxied(proxy: str) -> urllib3.ProxyManager | None:
    with suppress(HTTPError, ValueError):
        address = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        url = f"{address.scheme}://{address.netloc.rpartition('@')[2]}"
        login = _proxy_login(address)
        if address.hostname:
            return urllib3.ProxyManager(url, proxy_headers=login, maxsize=_CONNECTIONS, blocksize=_CHUNK)
    return None


def _proxy_login(address: SplitResult) -> dict[str, str]:
    """urllib3 sends none of what an address holds."""
    if address.username is None:
        return {}
    login = f"{unquote(address.username)}:{unquote(address.password or '')}"
    return {"Proxy-Authorization": "Basic " + base64.b64encode(login.encode()).decode()}
