"""Run the terraform program through python-terraform: our environment, progress as it comes, clean errors."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_terraform
from python_terraform import IsFlagged

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.terraform import process

__all__ = ["IsFlagged", "Runner", "TerraformPlan", "binary", "environ", "error_text", "require"]

_OLDEST = (1, 10)
_CHANGE = re.compile(
    r"^\s*# (?P<address>\S+)(?: \([^)]*\))? (?:will|must) be "
    r"(?P<how>created|updated in-place|replaced|destroyed|read)",
    re.MULTILINE,
)
_DONE = re.compile(
    r"^(?P<address>\S+): (?P<what>Creation|Modifications|Destruction) complete after (?P<time>\S+)"
)
_VERBS = {"Creation": "made", "Modifications": "changed", "Destruction": "removed"}
_LOCK_ID = re.compile(r"^\s*ID:\s+(\S+)", re.MULTILINE)
_LOCK_WHO = re.compile(r"^\s*Who:\s+(\S+)", re.MULTILINE)
_CREDENTIALS = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")


@dataclass(frozen=True)
class ResourceChange:
    """One resource that a plan touches: `created`, `updated in-place`, `replaced` or `destroyed`."""

    address: str
    how: str


@dataclass(frozen=True)
class TerraformPlan:
    """What Terraform would do, or did."""

    changes: bool
    text: str
    resources: tuple[ResourceChange, ...]

    @classmethod
    def parse(cls, text: str) -> "TerraformPlan":
        """Read what `plan`, `apply` or `destroy` printed."""
        found = tuple(ResourceChange(match["address"], match["how"]) for match in _CHANGE.finditer(text))
        resources = tuple(change for change in found if change.how != "read")
        outputs = "Changes to Outputs:" in text
        return cls(bool(resources) or outputs, text, resources)


class LockedError(TandemError):
    """The root's state is locked: nothing was changed."""


class Runner(python_terraform.Terraform):  # type: ignore[misc]
    """python-terraform's command lines, run with an environment of our own and read line by line."""

    def __init__(self, root: Path, env: Mapping[str, str], *, progress: bool = False) -> None:
        super().__init__(working_dir=str(root))
        self.env, self.progress = dict(env), progress

    def read_state_file(self, file_path: str | None = None) -> None:
        """State lives in S3; python-terraform would look for a file."""

    def run(self, command: str, *arguments: str, **options: Any) -> str:  # noqa: ANN401
        """Run `terraform <command>` and give its output; TandemError if it fails."""
        plain = {} if command in {"output", "show"} else {"input": False}
        argv = self.generate_cmd_string(command, *arguments, no_color=IsFlagged, **plain, **options)
        code, out, error = self._run(argv)
        if code:
            raise _failure(command, Path(self.working_dir), self.env, error or out)
        return out

    def addresses(self) -> list[str]:
        """What the state holds; nothing before the first apply."""
        code, out, error = self._run([self.terraform_bin_path, "state", "list"])
        if code and "No state file was found" not in error:
            raise _failure("state list", Path(self.working_dir), self.env, error)
        return out.split()

    def move(self, before: str, after: str) -> None:
        """Give a resource another address in the state; nothing else changes."""
        code, out, error = self._run([self.terraform_bin_path, "state", "mv", before, after])
        if code:
            raise _failure("state mv", Path(self.working_dir), self.env, error or out)

    def _run(self, argv: list[str]) -> tuple[int, str, str]:
        try:
            return process.run(argv, Path(self.working_dir), self.env, self._said)
        except FileNotFoundError as missing:
            raise _missing() from missing

    def _said(self, line: str) -> None:
        done = _DONE.match(line)
        if self.progress and done:
            console.info(f"   {_VERBS[done['what']]} {done['address']} ({done['time']})", style="dim")


def _failure(command: str, root: Path, env: Mapping[str, str], text: str) -> TandemError:
    if "Error acquiring the state lock" in text:
        return _locked(root, env, text)
    reasons = error_text(text)
    if "already in progress" in text or "connection refused" in text.lower():
        return TandemError(
            f"terraform {command} of {root.name} cannot reach AWS: {reasons}",
            hint="make up" if "AWS_ENDPOINT_URL" in env else "check the network and the AWS credentials",
        )
    if "The referenced S3 bucket must have been previously created" in text:
        return TandemError(
            f"terraform {command} of {root.name} failed: there is no bucket for its state yet",
            hint="make bootstrap ENV=…",
        )
    return TandemError(
        f"terraform {command} of {root.name} failed: {reasons}",
        hint="fix the cause and run the same command again: what is made already stays",
    )


def error_text(text: str) -> str:
    """Terraform's errors without their frames: the summary of each, then its details."""
    plain = "\n".join(line.lstrip("│╷╵ ").rstrip() for line in text.splitlines())
    found = [" ".join(part.split()) for part in plain.split("Error: ")[1:]]
    return "; ".join(found) or " ".join(plain.split())[-2000:] or "it said nothing"


def _locked(root: Path, env: Mapping[str, str], text: str) -> TandemError:
    lock, who = _LOCK_ID.search(_unframed(text)), _LOCK_WHO.search(_unframed(text))
    holder = f" by {who[1]}" if who else ""
    wanted = {name: env[name] for name in ("TF_DATA_DIR", "TF_CLI_CONFIG_FILE") if name in env}
    if "AWS_ENDPOINT_URL" in env:
        wanted |= {name: env[name] for name in _CREDENTIALS if name in env}
    variables = " ".join(f"{name}={shlex.quote(value)}" for name, value in wanted.items())
    command = f"terraform -chdir={shlex.quote(str(root))} force-unlock {lock[1] if lock else 'LOCK_ID'}"
    return LockedError(
        f"the state of terraform/{root.name} is locked{holder}: another run holds it, or was killed",
        hint=f"wait for the other run; if none lives: {variables} {command}",
    )


def _unframed(text: str) -> str:
    return "\n".join(line.lstrip("│╷╵ ") for line in text.splitlines())


def binary() -> str:
    """The terraform program on PATH."""
    found = shutil.which("terraform")
    if not found:
        raise _missing()
    return found


def _missing() -> TandemError:
    return TandemError(
        "terraform is not on PATH",
        hint="install Terraform 1.10 or newer: https://developer.hashicorp.com/terraform/install",
    )


def require() -> None:
    """TandemError if Terraform is missing or too old for state locks in S3."""
    found = subprocess.run(
        [binary(), "version", "-json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"},
    )
    version = json.loads(found.stdout)["terraform_version"] if found.returncode == 0 else "0.0"
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
        raise TandemError(
            f"terraform {version} is too old: state locks in S3 came with 1.10",
            hint="install Terraform 1.10 or newer: https://developer.hashicorp.com/terraform/install",
        )


def environ(data_dir: Path) -> dict[str, str]:
    """What terraform is run with: its data folder, our CLI configuration, no questions."""
    return {
        "TF_DATA_DIR": str(data_dir.resolve()),
        "TF_CLI_CONFIG_FILE": str(_cli_config(data_dir)),
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
    }


def _cli_config(data_dir: Path) -> Path:
    """Our CLI configuration: a provider mirror where this machine has one, else Terraform's defaults."""
    file = (data_dir / "cli.tfrc").resolve()
    text = _mirrored(mirror()) if mirror() else ""
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return file


def mirror() -> Path | None:
    """The folder that holds `<registry host>/<namespace>/<provider>/…`, if there is one."""
    named = os.environ.get("TANDEM_PROVIDER_MIRROR")
    implied = [Path.home() / ".terraform.d/plugins", Path("/usr/local/share/terraform/plugins")]
    found = [path.parent for path in sorted(Path("/opt").glob("*/registry.terraform.io"))]
    candidates = [Path(named)] if named else [*implied, *found]
    return next((path for path in candidates if _providers(path)), None)


def _providers(folder: Path) -> list[str]:
    return sorted("/".join(path.parts[-3:]) for path in folder.glob("*.*/*/*") if path.is_dir())


def _mirrored(folder: Path | None) -> str:
    held = json.dumps(_providers(folder)) if folder else "[]"
    return (
        "provider_installation {\n"
        f"  filesystem_mirror {{\n    path    = {json.dumps(str(folder))}\n    include = {held}\n  }}\n"
        f"  direct {{\n    exclude = {held}\n  }}\n"
        "}\n"
    )
