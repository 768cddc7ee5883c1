"""Sessions of IAM roles for the containers that run with them, as AWS's services assume these roles."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from moto.core.utils import utcnow
from moto.sts.models import AssumedRole, sts_backends
from moto.utilities.utils import get_partition

LIFETIME = timedelta(hours=12)


@dataclass(frozen=True)
class RoleSession:
    """The keys of one session; the control plane lets it do what the role's policies allow."""

    access_key: str
    secret_key: str
    token: str
    expires: datetime

    def environ(self) -> dict[str, str]:
        """The variables that AWS SDKs read the keys from."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_SESSION_TOKEN": self.token,
        }


def open_session(
    account: str, region: str, role_arn: str, name: str, lifetime: timedelta | None = None
) -> RoleSession:
    """A new session of the role, valid for `LIFETIME` if not otherwise told. Its keys are random."""
    _forget_expired(account)
    role: AssumedRole = sts_backends[account][get_partition(region)].assume_role(
        region_name=region,
        role_session_name=name,
        role_arn=role_arn,
        policy="",
        duration=int((lifetime or LIFETIME).total_seconds()),
        external_id="",
    )
    expires = role.expiration.replace(tzinfo=UTC)
    return RoleSession(role.access_key_id, role.secret_access_key or "", role.session_token, expires)


def close_session(account: str, session: RoleSession) -> None:
    """Refuse the session's keys from now on."""
    _forget(account, lambda role: role.access_key_id == session.access_key)


def _forget_expired(account: str) -> None:
    now = utcnow()
    _forget(account, lambda role: role.expiration <= now)


def _forget(account: str, condition: Callable[[AssumedRole], bool]) -> None:
    for backend in list(sts_backends[account].values()):
        for role in filter(condition, list(backend.assumed_roles)):
            with suppress(ValueError):  # another thread was faster
                backend.assumed_roles.remove(role)
