"""Send HTTP requests to one registry: plain on loopback, TLS elsewhere; retry where that can help."""

import ipaddress
from collections.abc import Callable, Mapping
from typing import IO

import urllib3
from urllib3.exceptions import HTTPError

from pipeline.core.errors import TandemError
from pipeline.core.retry import RetryingCaller
from pipeline.registry.auth import Authorizer, Credentials

ATTEMPTS = 6
_LONGEST_WAIT = 30.0
"""Seconds; a registry may ask for more by Retry-After."""
_TIMEOUT = urllib3.Timeout(connect=10, read=120)
_CHUNK = 1 << 20
_CONNECTIONS = 16
_UNAUTHORIZED = 401
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})

Body = bytes | Callable[[], IO[bytes]]


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

    def __init__(self, why: str, retry_after: str | None = None) -> None:
        super().__init__(why)
        self.retry_after = float(retry_after) if retry_after and retry_after.isdigit() else None


def _backoff(error: Exception) -> bool | float:
    """Whether to try again, or after how many seconds."""
    if not isinstance(error, _AttemptError):
        return False
    return True if error.retry_after is None else min(error.retry_after, _LONGEST_WAIT)


class Transport:
    """Requests to one registry over reused connections; threads may share it."""

    def __init__(self, host: str, login: Callable[[], Credentials] | None = None) -> None:
        self.host = host
        self.base = f"{'http' if is_loopback(host) else 'https'}://{host}"
        self._pool = _pool_for(self.base)
        self._authorizer = Authorizer(host, login)

    def request(  # noqa: PLR0913 - what HTTP has, each by name
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Body | None = None,
        stream: bool = False,
        attempts: int = ATTEMPTS,
    ) -> urllib3.BaseHTTPResponse:
        """Send until a response comes that a retry would not change.

        The response's content is in `data`, unless `stream` is set.

        Raises:
            UnreachableError: The last attempt failed too.
        """
        retrying = RetryingCaller(
            attempts=attempts, timeout=None, wait_initial=0.1, wait_max=5.0, wait_jitter=0.1
        )
        try:
            return retrying(_backoff, self._attempt, method, url, headers or {}, body, stream=stream)
        except _AttemptError as error:
            raise UnreachableError(
                f"{method} {self.absolute(url)} failed after {attempts} attempts: {error}",
                hint=f"check that {self.host} is up, then run the command again:"
                " what it has is not sent again",
            ) from error

    def absolute(self, url: str) -> str:
        """The full URL of a path, or of the `Location` that a registry returned."""
        return url if url.startswith(("http://", "https://")) else self.base + url

    def _attempt(
        self, method: str, url: str, headers: Mapping[str, str], body: Body | None, *, stream: bool
    ) -> urllib3.BaseHTTPResponse:
        try:
            response = self._send(method, url, headers, body, stream=stream)
        except (HTTPError, OSError) as error:
            raise _AttemptError(str(error) or type(error).__name__) from error
        if response.status in _BUSY:
            response.drain_conn()
            raise _AttemptError(f"HTTP {response.status}", response.headers.get("Retry-After"))
        return response

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: Body | None, *, stream: bool
    ) -> urllib3.BaseHTTPResponse:
        response = self._once(method, url, headers, body, stream=stream)
        challenge = response.headers.get("WWW-Authenticate", "")
        if response.status == _UNAUTHORIZED and self._authorizer.authorize(challenge, self._pool):
            response.drain_conn()
            response = self._once(method, url, headers, body, stream=stream)
        return response

    def _once(
        self, method: str, url: str, headers: Mapping[str, str], body: Body | None, *, stream: bool
    ) -> urllib3.BaseHTTPResponse:
        address = self.absolute(url)
        # Redirected downloads (ECR's go to S3) carry their own signature; our header would break it.
        login = self._authorizer.header if address.startswith(self.base + "/") else {}
        content = body() if callable(body) else body
        try:
            return self._pool.request(
                method,
                address,
                headers={**headers, **login},
                body=content,
                retries=False,
                redirect=False,
                preload_content=not stream,
                timeout=_TIMEOUT,
            )
        finally:
            if content is not None and not isinstance(content, bytes):
                content.close()


def _pool_for(base: str) -> urllib3.PoolManager:
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - not needed on loopback

    scheme, _, host = base.partition("://")
    proxy = None if scheme == "http" else getproxies().get("https")
    if proxy and not proxy_bypass(host):
        return urllib3.ProxyManager(proxy, maxsize=_CONNECTIONS, blocksize=_CHUNK)
    return urllib3.PoolManager(maxsize=_CONNECTIONS, blocksize=_CHUNK)
