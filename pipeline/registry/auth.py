"""Log in to registries: to ECR through AWS, to others as they challenge; loopback needs no login."""

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import urllib3

from pipeline.core.errors import TandemError

_ECR = re.compile(r"(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_OK = 200


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
    from pipeline.aws.client import Aws  # noqa: PLC0415 - boto3 loads slowly; loopback builds never need it

    response = Aws(match[2]).client("ecr").get_authorization_token()
    token = response["authorizationData"][0]["authorizationToken"]
    user, _, secret = base64.b64decode(token).decode().partition(":")
    return Credentials(user, secret)


class Authorizer:
    """Turns the challenge of a 401 response into an Authorization header."""

    def __init__(self, host: str, login: Callable[[], Credentials] | None) -> None:
        self._host = host
        self._login = login
        self._header = ""

    @property
    def header(self) -> dict[str, str]:
        """The Authorization header of the last challenge; empty before the first."""
        return {"Authorization": self._header} if self._header else {}

    def authorize(self, challenge: str, pool: urllib3.PoolManager) -> bool:
        """Set the header that `challenge` asks for; False if it is the same as before.

        Raises:
            TandemError: The token service refused the login, or is not on HTTPS.
        """
        scheme, _, rest = challenge.partition(" ")
        before = self._header
        if scheme.lower() == "bearer":
            self._header = f"Bearer {self._token(dict(_PARAMETER.findall(rest)), pool)}"
        elif scheme.lower() == "basic" and self._login:
            self._header = self._login().basic
        return self._header != before

    def _token(self, parameters: dict[str, str], pool: urllib3.PoolManager) -> str:
        realm = parameters.get("realm", "")
        if not realm.startswith("https://"):
            raise TandemError(f"refused to log in to {self._host}: its token service is not on HTTPS")
        query = urlencode([(key, parameters[key]) for key in ("service", "scope") if key in parameters])
        headers = {"Authorization": self._login().basic} if self._login else {}
        response = pool.request("GET", f"{realm}?{query}", headers=headers)
        if response.status != _OK:
            raise TandemError(f"cannot log in to {self._host}: its token service returned {response.status}")
        body = json.loads(response.data)
        return str(body.get("token") or body["access_token"])
