"""Run git apart from the caller's own repository, without prompts, and explain its errors."""

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from pipeline.core.child_process import ChildLimitError, Limits, run_child
from pipeline.core.errors import TandemError
from pipeline.git.address import Address, is_url, parse_address
from pipeline.git.printable_text import printable

# A hook runs with GIT_DIR, GIT_QUARANTINE_PATH and other variables of the repository that was pushed to. They
# must not leak into work on another repository. Variables for transport and credentials stay.
_INHERITED = (
    *("GIT_SSL_", "GIT_SSH", "GIT_HTTP_", "GIT_PROXY_", "GIT_EXEC_PATH", "GIT_ASKPASS", "GIT_CONFIG_"),
    *("GIT_ALLOW_PROTOCOL", "GIT_PROTOCOL_FROM_USER"),
)
_NOT_INHERITED = ("GIT_CONFIG_PARAMETERS",)
_SSH = "ssh -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=10 -o ServerAliveCountMax=3"

# The user's own configuration stays: it holds proxies, certificates and credential helpers, and no push can
# change it. What could make git run a program because of what it reads is off.
OPTIONS = (
    "--no-replace-objects",
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.attributesFile=/dev/null"),
    *("-c", "log.showSignature=false", "-c", "protocol.ext.allow=never"),
    *("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=30"),
)
_NO_PLAIN_HTTP = ("-c", "protocol.http.allow=never")
"""For an address with https: git would follow a redirect to http."""
_TRANSPORTS = frozenset({"clone", "fetch", "ls-remote", "push"})
_TRANSPORT_SECONDS, _LOCAL_SECONDS = 1800, 600
_TRANSPORT_OUTPUT = 256 << 20
"""Bytes that git may print of what a server sends: two million refs have fewer."""
_PROGRESS = re.compile(r"(remote: )?(\w+ (objects|deltas|connectivity)|Total \d+)\b.*")

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
    (
        r"fsck error|unpack-objects|fetch-pack: invalid|index-pack failed",
        "it has an object that is malformed or damaged",
        "git fsck --strict in that repository",
    ),
)


class GitError(TandemError):
    """git ended with an error; `stderr` is what it printed."""

    def __init__(self, message: str, *, hint: str, stderr: str) -> None:
        super().__init__(message, hint=hint)
        self.stderr = stderr


def git_environment(address: Address | None = None) -> dict[str, str]:
    """The process's environment without the variables that name the caller's repository.

    With `address` it also holds that address's password for git.
    """
    inherited = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("GIT_") or (key.startswith(_INHERITED) and key not in _NOT_INHERITED)
    }
    if "GIT_ALLOW_PROTOCOL" in inherited:
        unsafe = {"ext", *(["http"] if address and address.is_secure else [])}
        protocols = inherited["GIT_ALLOW_PROTOCOL"].split(":")
        inherited["GIT_ALLOW_PROTOCOL"] = ":".join(name for name in protocols if name not in unsafe)
    quiet = {"GIT_TERMINAL_PROMPT": "0", "SSH_ASKPASS_REQUIRE": "never", "LC_ALL": "C"}
    ssh = {} if "GIT_SSH" in inherited else {"GIT_SSH_COMMAND": _SSH}
    count = inherited.get("GIT_CONFIG_COUNT", "")
    password = address.variables(int(count) if count.isdecimal() else 0) if address else {}
    return {**ssh, **inherited, **quiet, **password}


def run_git(  # noqa: PLR0913 - the parts of a command
    *arguments: str,
    repository: Path | None = None,
    where: str = "",
    stdin: bytes = b"",
    timeout: float | None = None,
    silence: float | None = None,
    options: Sequence[str] = (),
) -> bytes:
    """The output of `git options arguments`, in the git directory `repository` if one is given.

    `where` is the repository's path or URL: messages name it, and git gets its password, if it has one.
    git ends after `timeout` seconds, and after `silence` seconds without any output.

    Raises:
        GitError: git failed, or did not end in time.
        TandemError: git is not installed, or `where` is not valid.
    """
    address = parse_address(where or str(repository or ""))
    verb = arguments[0]
    if verb in _TRANSPORTS:
        arguments = tuple(parse_address(word).url if is_url(word) else word for word in arguments)
    seconds = timeout or (_TRANSPORT_SECONDS if verb in _TRANSPORTS else _LOCAL_SECONDS)
    git_dir = [f"--git-dir={repository}"] if repository else []
    options = [*options, *(_NO_PLAIN_HTTP if address.is_secure else ())]
    try:
        process = run_child(
            ["git", *OPTIONS, *options, *git_dir, *arguments],
            env=git_environment(address),
            stdin=stdin,
            limits=Limits(seconds, silence, _TRANSPORT_OUTPUT if verb in _TRANSPORTS else None),
            # Elsewhere git would read the configuration of the repository that the caller stands in.
            cwd=Path("/") if verb == "ls-remote" else None,
        )
    except FileNotFoundError as error:
        raise TandemError("git is not installed", hint="apt-get install git") from error
    except ChildLimitError as error:
        message = f"cannot read {printable(address.url)}: {error}"
        raise GitError(
            message, hint=f"git ls-remote {shlex.quote(printable(address.url))}", stderr=""
        ) from error
    if process.returncode:
        raise _explain(address, verb, process.stderr.decode(errors="replace"))
    return process.stdout


def git_text(*arguments: str, repository: Path | None = None, where: str = "") -> str:
    """The output of `git arguments` as stripped text; raises as `run_git` does."""
    return run_git(*arguments, repository=repository, where=where).decode(errors="replace").strip()


def _explain(address: Address, verb: str, stderr: str) -> GitError:
    where, lines = printable(address.url), re.split(r"[\r\n]+", address.redact(stderr.strip()))
    lines = [printable(line) for line in lines if line and not _PROGRESS.fullmatch(line.rstrip())]
    stderr, last = "\n".join(lines), " / ".join(lines[-3:])
    for pattern, what, hint in _EXPLANATIONS:
        if re.search(pattern, stderr):
            message = f"cannot read {where}: {what} ({last})"
            return GitError(message, hint=hint.format(where=shlex.quote(where)), stderr=stderr)
    return GitError(
        f"git {verb} failed in {where}: {last}", hint=f"git ls-remote {shlex.quote(where)}", stderr=stderr
    )
