"""Log in to registries: to ECR through AWS, to others as they challenge; loopback needs no login."""

import base64
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

import urllib3

from pipeline.core.errors import TandemError
from pipeline.registry.challenges import Challenge, parse_challenges
from pipeline.registry.documents import parse_object
from pipeline.registry.exchange import Request, exchange

_ECR = re.compile(r"(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
_REPOSITORY = re.compile(r"/v2/(.+?)/(?:blobs|manifests|tags)/")
_VISIBLE = re.compile(r"[!-~]+")
_TIMEOUT = urllib3.Timeout(connect=10, read=20)
_SECONDS = 30
_TOKEN_BYTES = 256 << 10
_OK = 200

Scope = tuple[str, bool, str]
"""What a login is for: a repository, whether it is written, the repository that a blob is mounted from."""


@dataclass(frozen=True)
class Credentials:
    """A user and a secret; the secret is never part of a message."""

    user: str
    secret: str = field(repr=False)

    @property
    def basic(self) -> str:
        """The value of an Authorization header."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.secret}".encode()).decode()


def is_ecr(host: str) -> bool:
    """Whether `host` is an ECR registry."""
    return _ECR.fullmatch(host) is not None


def ecr_login(host: str) -> Credentials:
    """A password for the ECR registry `host`, valid for twelve hours, from the process's AWS credentials.

    Raises:
        TandemError: `host` is no ECR registry.
    """
    match = _ECR.fullmatch(host)
    if not match:
        raise TandemError(f"cannot log in to {host}: it is no ECR registry")
    from pipeline.aws.access import Aws  # noqa: PLC0415 - boto3 loads slowly; loopback builds never need it

    response = Aws(match[2]).client("ecr").get_authorization_token()
    token = response["authorizationData"][0]["authorizationToken"]
    user, _, secret = base64.b64decode(token).decode().partition(":")
    return Credentials(user, secret)


def scope_of(method: str, url: str) -> Scope:
    """What a request needs a login for."""
    parts = urlsplit(url)
    repository = _REPOSITORY.search(parts.path)
    mounted = parse_qs(parts.query).get("from", [""])[0]
    return repository[1] if repository else "", method not in {"GET", "HEAD"}, mounted


class Authorizer:
    """Turns the challenge of a 401 response into an Authorization header; threads may share it.

    A token is valid for one scope, so each scope has a header of its own. A scope that has none yet starts
    with the newest header: a password is valid for all of them.
    """

    def __init__(
        self, host: str, login: Callable[[], Credentials] | None, pool: urllib3.PoolManager | None = None
    ) -> None:
        self._host, self._login = host, login
        self._pool = pool or urllib3.PoolManager()
        self._headers: dict[Scope, str] = {}
        self._newest = ""
        self._lock = threading.Lock()

    def header(self, scope: Scope) -> str:
        """The Authorization header for `scope`; empty before the first challenge."""
        with self._lock:
            return self._headers.get(scope, self._newest)

    def authorize(self, scope: Scope, challenges: Sequence[str], failed: str) -> bool:
        """Whether there is another header for `scope` than `failed`, which the registry refused.

        Raises:
            TandemError: The token service refused the login, or is not on HTTPS.
        """
        with self._lock:
            header = self._headers.get(scope) or (self._newest if self._newest.startswith("Basic ") else "")
            if header in {"", failed}:  # Else another thread has logged in since the request was sent.
                header = self._answer(parse_challenges(challenges))
            if not header:
                return False
            self._headers[scope] = self._newest = header
            return header != failed

    def _answer(self, challenges: Sequence[Challenge]) -> str:
        by_scheme = {challenge.scheme: challenge for challenge in reversed(challenges)}
        bearer = by_scheme.get("bearer")
        if self._login and "basic" in by_scheme and (bearer is None or not _realm(bearer)):
            return self._login().basic
        return f"Bearer {self._token(bearer.parameters)}" if bearer else ""

    def _token(self, parameters: Mapping[str, str]) -> str:
        realm = parameters.get("realm", "")
        if not realm.startswith("https://"):
            raise TandemError(f"refused to log in to {self._host}: its token service is not on HTTPS")
        query = urlencode([(key, parameters[key]) for key in ("service", "scope") if key in parameters])
        url = f"{realm}{'&' if '?' in realm else '?'}{query}"
        headers = {"Authorization": self._secret_for(realm)} if self._login else {}
        request = Request("GET", url, {}, None, _TOKEN_BYTES, timeout=_TIMEOUT, seconds=_SECONDS)
        response = exchange(
            self._pool,
            request,
            lambda to: to.startswith("https://"),
            lambda to: headers if urlsplit(to).netloc == urlsplit(realm).netloc else {},
        )
        if response.status != _OK:
            raise TandemError(f"cannot log in to {self._host}: its token service returned {response.status}")
        body = parse_object(response.data, f"the answer of {self._host}'s token service")
        token = body.get("token") or body.get("access_token")
        if not isinstance(token, str) or not _VISIBLE.fullmatch(token):
            raise TandemError(f"cannot log in to {self._host}: its token service sent no token")
        return token

    def _secret_for(self, realm: str) -> str:
        """The login for a token service; ECR has none, so its password goes nowhere else."""
        if self._login is None or (is_ecr(self._host) and urlsplit(realm).netloc != self._host):
            raise TandemError(f"refused to send the password of {self._host} to another machine")
        return self._login().basic


def _realm(challenge: Challenge) -> bool:
    return challenge.parameters.get("realm", "").startswith("https://")
