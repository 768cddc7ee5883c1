"""Install Debian packages on this machine."""

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.core.errors import TandemError

_OS_RELEASE = Path("/etc/os-release")
_LAST_LINES = 5


def os_release() -> dict[str, str]:
    """The fields of /etc/os-release; empty if there is no such file."""
    if not _OS_RELEASE.exists():
        return {}
    pairs = (line.partition("=") for line in _OS_RELEASE.read_text(encoding="utf-8").splitlines())
    return {key: value.strip('"') for key, _, value in pairs if key}


def is_root_on_debian() -> bool:
    """Whether this process can install Debian packages: root on Debian."""
    return os.geteuid() == 0 and os_release().get("ID") == "debian"


def install_packages(packages: Sequence[str], progress: Callable[[str], None]) -> None:
    """Install `packages`.

    Raises:
        TandemError: apt-get failed; the message has its last lines.
    """
    progress(f"installing {', '.join(packages)}")
    options = ["-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
    # Package lists may be stale or missing: refresh them only if the first attempt fails.
    for command in (["install", *options, *packages], ["update"], ["install", *options, *packages]):
        apt_get = subprocess.run(
            ["apt-get", "-q", *command],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if apt_get.returncode == 0 and command[0] == "install":
            return
    last = " / ".join(apt_get.stdout.strip().splitlines()[-_LAST_LINES:])
    raise TandemError(
        f"cannot install {', '.join(packages)}: {last}",
        hint=f"apt-get update && apt-get install {' '.join(packages)}",
    )
