"""The access keys that the control plane's own IAM and STS have issued."""

import hmac
from datetime import UTC, datetime

from pipeline.local.stack_keys import StackKeys


def same(one: str, other: str) -> bool:
    """Compare two texts in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def find_secret(keys: StackKeys, access_key: str, token: str, now: datetime) -> str | None:
    """The secret of the stack's key, of a session of a role, or of a user's key; None for any other key.

    A session's key counts with its token, until it expires; a user's key while it is active.
    """
    if same(access_key, keys.access_key):
        return keys.secret_key
    return _session_secret(access_key, token, now) or _user_secret(access_key)


def _session_secret(access_key: str, token: str, now: datetime) -> str | None:
    from moto.sts.models import sts_backends  # noqa: PLC0415 - moto takes a second to import

    sessions = [
        session
        for account in list(sts_backends.values())
        for backend in list(account.values())
        for session in list(backend.assumed_roles)
    ]
    for session in sessions:
        if same(access_key, session.access_key_id) and same(token, session.session_token):
            is_valid = now < session.expiration.replace(tzinfo=UTC)
            return str(session.secret_access_key) if is_valid else None
    return None


def _user_secret(access_key: str) -> str | None:
    from moto.iam.models import iam_backends  # noqa: PLC0415 - moto takes a second to import

    keys = [
        key
        for account in list(iam_backends.values())
        for backend in list(account.values())
        for key in list(backend.access_keys.values())
    ]
    # A session's key has no user: it counts with its token only.
    users = (key for key in keys if key.user_name and key.status == "Active")
    return next((str(key.secret_access_key) for key in users if same(access_key, key.access_key_id)), None)
