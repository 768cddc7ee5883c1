"""The author and the time of an entry in the audit trail."""

import getpass
import os
from datetime import UTC, datetime


def now() -> str:
    """The time in UTC as ISO 8601, to the second, such as 2026-01-31T12:00:00Z."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def author() -> str:
    """The user of this process, or the account that started the CI run."""
    for variable in ("TANDEM_AUTHOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN"):
        if os.environ.get(variable):
            return os.environ[variable]
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # the user has no name, as in some containers
        return str(os.getuid())
