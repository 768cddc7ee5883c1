"""Who acts, and when: for the audit trail."""

import getpass
import os
from datetime import UTC, datetime


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def author() -> str:
    """Who is at the keyboard, or which CI run; for the audit trail."""
    for variable in ("TANDEM_AUTHOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN"):
        if os.environ.get(variable):
            return os.environ[variable]
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return str(os.getuid())
