"""Run git: apart from the caller's own repository, never asking, and with errors in plain words."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from pipeline.core.errors import TandemError

# A hook runs with GIT_DIR, GIT_QUARANTINE_PATH and more of the repository that was pushed to, which must not
# leak into work on another one. What steers transport and credentials stays.
_KEPT = ("GIT_SSL_", "GIT_SSH", "GIT_HTTP_", "GIT_PROXY_", "GIT_EXEC_PATH", "GIT_ASKPASS", "GIT_CONFIG_")
_DROPPED = ("GIT_CONFIG_PARAMETERS",)
_STALLED = ("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=30")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")

# What git says -> (what happened, hint).
_SAID = (
    (
        r"could not read (User|Pass)|Authentication failed|Permission denied \(|error: 40[13]|Host key",
        "access was refused",
        "git ls-remote {where}",
    ),
    (
        r"Could not resolve|Couldn't connect|Connection (refused|reset)|unable to access|timed out|too slow",
        "it cannot be reached",
        "git ls-remote {where}",
    ),
    (
        r"detected dubious ownership",
        "it belongs to another user, and git refuses to read it",
        "git config --global --add safe.directory {where}",
    ),
    (
        r"not appear to be a git repository|[Rr]epository .*not found|does not exist|not a git repository",
        "there is no such repository",
        "correct `repository` in tandem.toml",
    ),
    (r"No space left on device|unable to write|disk quota exceeded", "the disk is full", "df -h ."),
)


class GitError(TandemError):
    """git ended with an error; `stderr` is what it printed."""

    def __init__(self, message: str, *, hint: str, stderr: str) -> None:
        super().__init__(message, hint=hint)
        self.stderr = stderr


def without_credentials(text: str) -> str:
    """`text` without the user and password of the URLs in it."""
    return _CREDENTIALS.sub("", text)


def git_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The process's environment without what would tie git to the caller's repository."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("GIT_") or (key.startswith(_KEPT) and key not in _DROPPED)
    }
    quiet = {"GIT_TERMINAL_PROMPT": "0", "SSH_ASKPASS_REQUIRE": "never", "LC_ALL": "C"}
    ssh = {} if "GIT_SSH" in kept else {"GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=15"}
    return {**ssh, **kept, **quiet, **(extra or {})}


def run_git(
    *arguments: str,
    repository: Path | None = None,
    where: str = "",
    stdin: bytes = b"",
    timeout: float | None = None,
) -> bytes:
    """Output of `git arguments`; GitError names `where` (a repository for people) and why."""
    where = without_credentials(where or str(repository or ""))
    inside = [f"--git-dir={repository}"] if repository else []
    try:
        done = subprocess.run(
            ["git", *_STALLED, *inside, *arguments],
            env=git_environment(),
            input=stdin,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as error:
        raise TandemError("git is not installed", hint="apt-get install git") from error
    except subprocess.TimeoutExpired as error:
        message = f"cannot read {where}: no answer within {timeout:g} s"
        raise GitError(message, hint=f"git ls-remote {where}", stderr="") from error
    if done.returncode:
        raise _explained(where, arguments[0], done.stderr.decode(errors="replace"))
    return done.stdout


def git_text(*arguments: str, repository: Path | None = None, where: str = "") -> str:
    """Output of `git arguments` as one stripped text."""
    return run_git(*arguments, repository=repository, where=where).decode(errors="replace").strip()


def _explained(where: str, verb: str, stderr: str) -> GitError:
    stderr = without_credentials(stderr.strip())
    last = " / ".join(line for line in stderr.splitlines()[-3:] if line)
    for pattern, what, hint in _SAID:
        if re.search(pattern, stderr):
            message = f"cannot read {where}: {what} ({last})"
            return GitError(message, hint=hint.format(where=where), stderr=stderr)
    return GitError(f"git {verb} failed in {where}: {last}", hint=f"git ls-remote {where}", stderr=stderr)
