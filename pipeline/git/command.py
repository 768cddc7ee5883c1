"""Run git apart from the caller's own repository, without prompts, and explain its errors."""

import os
import re
import subprocess
from pathlib import Path

from pipeline.core.errors import TandemError

# A hook runs with GIT_DIR, GIT_QUARANTINE_PATH and other variables of the repository that was pushed to. They
# must not leak into work on another repository. Variables for transport and credentials stay.
_INHERITED = ("GIT_SSL_", "GIT_SSH", "GIT_HTTP_", "GIT_PROXY_", "GIT_EXEC_PATH", "GIT_ASKPASS", "GIT_CONFIG_")
_NOT_INHERITED = ("GIT_CONFIG_PARAMETERS",)
_STALL_LIMITS = ("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=30")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")

# A pattern of what git prints to stderr, what happened, and the hint.
_EXPLANATIONS = (
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


def git_environment() -> dict[str, str]:
    """The process's environment without the variables that name the caller's repository."""
    inherited = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("GIT_") or (key.startswith(_INHERITED) and key not in _NOT_INHERITED)
    }
    quiet = {"GIT_TERMINAL_PROMPT": "0", "SSH_ASKPASS_REQUIRE": "never", "LC_ALL": "C"}
    ssh = {} if "GIT_SSH" in inherited else {"GIT_SSH_COMMAND": "ssh -o BatchMode=yes -o ConnectTimeout=15"}
    return {**ssh, **inherited, **quiet}


def run_git(
    *arguments: str,
    repository: Path | None = None,
    where: str = "",
    stdin: bytes = b"",
    timeout: float | None = None,
) -> bytes:
    """The output of `git arguments`, in the git directory `repository` if one is given.

    `where` names the repository in messages.

    Raises:
        GitError: git failed, or did not end within `timeout` seconds.
        TandemError: git is not installed.
    """
    where = without_credentials(where or str(repository or ""))
    git_dir = [f"--git-dir={repository}"] if repository else []
    try:
        process = subprocess.run(
            ["git", *_STALL_LIMITS, *git_dir, *arguments],
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
    if process.returncode:
        raise _explain(where, arguments[0], process.stderr.decode(errors="replace"))
    return process.stdout


def git_text(*arguments: str, repository: Path | None = None, where: str = "") -> str:
    """The output of `git arguments` as stripped text; raises as `run_git` does."""
    return run_git(*arguments, repository=repository, where=where).decode(errors="replace").strip()


def _explain(where: str, verb: str, stderr: str) -> GitError:
    stderr = without_credentials(stderr.strip())
    last = " / ".join(line for line in stderr.splitlines()[-3:] if line)
    for pattern, what, hint in _EXPLANATIONS:
        if re.search(pattern, stderr):
            message = f"cannot read {where}: {what} ({last})"
            return GitError(message, hint=hint.format(where=where), stderr=stderr)
    return GitError(f"git {verb} failed in {where}: {last}", hint=f"git ls-remote {where}", stderr=stderr)
