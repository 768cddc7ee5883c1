"""Turn the output of a failed terraform command into an error with a hint."""

import re
import shlex
from collections.abc import Mapping
from pathlib import Path

from pipeline.core.errors import TandemError

_LOCK_ID = re.compile(r"^\s*ID:\s+(\S+)", re.MULTILINE)
_LOCK_WHO = re.compile(r"^\s*Who:\s+(\S+)", re.MULTILINE)
_TERRAFORM_VARIABLES = ("TF_DATA_DIR", "TF_CLI_CONFIG_FILE")
_AWS_VARIABLES = ("AWS_ENDPOINT_URL", "AWS_SHARED_CREDENTIALS_FILE", "AWS_REGION")
_OWN_KEYS_OFF = "AWS_ACCESS_KEY_ID= AWS_PROFILE=default "  # what a shell may hold of a real account


_REPOSITORIES = (
    "set repositories_per_environment = true in terraform/envs/ENV.tfvars if the repositories are another"
    " environment's (or create_repositories = false to share them); if this one's, leave it as it was"
)


class LockedError(TandemError):
    """The state of a root is locked; nothing was changed."""


def describe_failure(command: str, root: Path, env: Mapping[str, str], text: str) -> TandemError:
    """The error to raise after `terraform <command>` failed in `root` with the output `text`."""
    if "Error acquiring the state lock" in text:
        return _locked(root, env, text)
    reasons = error_text(text)
    if "already in progress" in text or "connection refused" in text.lower():
        return TandemError(
            f"terraform {command} of {root.name} cannot reach AWS: {reasons}",
            hint="make up" if "AWS_ENDPOINT_URL" in env else "check the network and the AWS credentials",
        )
    if "dependency lock file" in text or "Provider dependency changes detected" in text:
        return TandemError(
            f"terraform {command} of {root.name} failed, a provider is not the one that was locked: "
            f"{reasons}",
            hint="make lock-providers, then look at the change of .terraform.lock.hcl and commit it",
        )
    if "The referenced S3 bucket must have been previously created" in text:
        return TandemError(
            f"terraform {command} of {root.name} failed: there is no bucket for its state yet",
            hint="make bootstrap ENV=…",
        )
    if "RepositoryAlreadyExistsException" in text or "RepositoryNotEmptyException" in text:
        return TandemError(
            f"terraform {command} of {root.name} failed, image repositories are in the way: {reasons}",
            hint=_REPOSITORIES,
        )
    return TandemError(
        f"terraform {command} of {root.name} failed: {reasons}",
        hint="fix the cause and run the same command again; what it created already is kept",
    )


def error_text(text: str) -> str:
    """Terraform's errors as one line: the summary and details of each, without the frame around them."""
    plain = _unframed(text)
    errors = [" ".join(part.split()) for part in plain.split("Error: ")[1:]]
    return "; ".join(errors) or " ".join(plain.split())[-2000:] or "it printed nothing"


def _locked(root: Path, env: Mapping[str, str], text: str) -> TandemError:
    lock, who = _LOCK_ID.search(_unframed(text)), _LOCK_WHO.search(_unframed(text))
    holder = f" by {who[1]}" if who else ""
    command = unlock_command(root, env, lock[1] if lock else "LOCK_ID")
    return LockedError(
        f"the state of terraform/{root.name} is locked{holder}: another run holds it, or was killed",
        hint=f"wait for the other run; if there is none: {command}",
    )


def unlock_command(root: Path, env: Mapping[str, str], lock: str) -> str:
    """The command that unlocks a root's state, with the variables of `env` that lead Terraform to it.

    It is shown to the user: for the local AWS it names the file with the keys, and never the keys.
    """
    is_local = "AWS_ENDPOINT_URL" in env
    names = (*_TERRAFORM_VARIABLES, *(_AWS_VARIABLES if is_local else ()))
    variables = "".join(f"{name}={shlex.quote(env[name])} " for name in names if name in env)
    prefix = (_OWN_KEYS_OFF if is_local else "") + variables
    return f"{prefix}terraform -chdir={shlex.quote(str(root))} force-unlock {shlex.quote(lock)}"


def _unframed(text: str) -> str:
    return "\n".join(line.lstrip("│╷╵ ").rstrip() for line in text.splitlines())
