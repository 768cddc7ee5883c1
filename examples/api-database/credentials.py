"""What opens the database: a secret's value, fetched once and kept for a while, or a token of IAM."""

import logging
import os
import time
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Any

logger = logging.getLogger("api")
_KEPT_SECONDS = 300.0
_RETRY_SECONDS = 30.0
_LOCK = Lock()


def password() -> str:
    """The password for a new connection: the secret DATABASE_PASSWORD, or RDS Proxy's token without one."""
    if {"DATABASE_PASSWORD", "DATABASE_PASSWORD_ARN"} & os.environ.keys():
        return secret("DATABASE_PASSWORD")
    # Signed on this machine: it costs no call. It opens connections for 15 minutes.
    token: str = _client("rds").generate_db_auth_token(
        os.environ["DATABASE_HOST"], int(os.environ["DATABASE_PORT"]), os.environ["DATABASE_USER"]
    )
    return token


def secret(name: str) -> str:
    """A secret's value: ECS puts it into the variable, Lambda gets `NAME_ARN` and reads it."""
    if name in os.environ:
        return os.environ[name]
    with _LOCK:  # one for all requests, also for the first ones at once
        entry = _cached_secret(os.environ[f"{name}_ARN"])
    return entry.value()


@dataclass
class _CachedSecret:
    """A secret's value, fetched again after five minutes: a rotated one is then used without a release."""

    arn: str
    lock: Lock = field(default_factory=Lock)
    text: str = ""
    until: float = 0.0

    def value(self) -> str:
        # One request fetches; the others wait for it.
        with self.lock:
            if not self.text or time.monotonic() > self.until:
                self._fetch()
            return self.text

    def _fetch(self) -> None:
        try:
            self.text = _client("secretsmanager").get_secret_value(SecretId=self.arn)["SecretString"]
            self.until = time.monotonic() + _KEPT_SECONDS
        except Exception:
            if not self.text:
                raise
            # The value is most likely still right: better than no answer.
            logger.exception("a secret cannot be read again; the value of before is used")
            self.until = time.monotonic() + _RETRY_SECONDS


@cache
def _cached_secret(arn: str) -> _CachedSecret:
    return _CachedSecret(arn)


@cache
def _client(service: str) -> Any:  # noqa: ANN401 - botocore makes its clients at run time
    # Once per process, outside of the handler: a client costs some 50 ms.
    from botocore.config import Config  # noqa: PLC0415 - slow to import, and not needed for a variable
    from botocore.session import get_session  # noqa: PLC0415

    config = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"})
    return get_session().create_client(service, config=config)
