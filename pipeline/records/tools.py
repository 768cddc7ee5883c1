"""Versions of the programs that take part in a build, so that figures can be compared."""

import platform
import re
import subprocess
from contextlib import suppress
from functools import cache

_VERSION = re.compile(r"\d+(?:\.\d+)+[\w.+-]*")
_PROGRAMS = ("git", "docker")
_SECONDS = 10


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    versions = {"python": platform.python_version()}
    for program in _PROGRAMS:
        with suppress(OSError, subprocess.SubprocessError):
            process = subprocess.run(
                [program, "--version"], capture_output=True, text=True, check=True, timeout=_SECONDS
            )
            match = _VERSION.search(process.stdout)
            if match:
                versions[program] = match[0].rstrip(".,")
    return tuple(versions.items())


def tool_versions() -> dict[str, str]:
    """Python's version, and those of git and Docker's client where they are installed."""
    return dict(_versions())
