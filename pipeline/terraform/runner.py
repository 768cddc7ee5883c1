"""Run the terraform program through python-terraform."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import python_terraform
from python_terraform import IsFlagged

from pipeline.core import console, timeline
from pipeline.terraform import process
from pipeline.terraform.apply_parts import ApplyParts, parts_of_an_apply
from pipeline.terraform.failures import describe_failure
from pipeline.terraform.plan_text import ResourceChange, TerraformPlan
from pipeline.terraform.program import missing_program

__all__ = ["IsFlagged", "ResourceChange", "Runner", "TerraformPlan"]

_COMPLETION = re.compile(
    r"^(?P<address>\S+): (?P<what>Creation|Modifications|Destruction) complete after (?P<time>\S+)"
)
_VERBS = {"Creation": "made", "Modifications": "changed", "Destruction": "removed"}


class Runner(python_terraform.Terraform):  # type: ignore[misc]
    """Runs python-terraform's command lines in `root`, in the environment `env`.

    With `progress` the console shows each resource that is finished.
    """

    def __init__(self, root: Path, env: Mapping[str, str], *, progress: bool = False) -> None:
        super().__init__(working_dir=str(root))
        self.env, self.progress = dict(env), progress

    def read_state_file(self, file_path: str | None = None) -> None:
        """Do nothing: the state is in S3, and python-terraform would read a file."""

    def run(self, command: str, *arguments: str, **options: Any) -> str:  # noqa: ANN401
        """Run `terraform <command>` and return its output.

        Raises:
            LockedError: another run holds the lock of the state.
            TandemError: the command fails, or terraform is not installed.
        """
        plain = {} if command in {"output", "show"} else {"input": False}
        argv = self.generate_cmd_string(command, *arguments, no_color=IsFlagged, **plain, **options)
        with parts_of_an_apply() if command == "apply" else timeline.span(f"terraform {command}") as parts:
            code, out, error = self._run(argv, parts)
        if code:
            raise describe_failure(command, Path(self.working_dir), self.env, error or out)
        return out

    def addresses(self) -> list[str]:
        """The addresses of all resources in the state; none before the first apply.

        Raises:
            TandemError: the state cannot be read.
        """
        with timeline.span("terraform state list"):
            code, out, error = self._run([self.terraform_bin_path, "state", "list"])
        if code and "No state file was found" not in error:
            raise describe_failure("state list", Path(self.working_dir), self.env, error)
        return out.splitlines()

    def move(self, before: str, after: str) -> None:
        """Change the address of a resource in the state, and nothing else. TandemError if it fails."""
        code, out, error = self._run([self.terraform_bin_path, "state", "mv", before, after])
        if code:
            raise describe_failure("state mv", Path(self.working_dir), self.env, error or out)

    def _run(self, argv: list[str], parts: ApplyParts | None = None) -> tuple[int, str, str]:
        def on_line(line: str) -> None:
            self._show_progress(line)
            if parts:
                parts.see(line)

        try:
            return process.run(argv, Path(self.working_dir), self.env, on_line)
        except FileNotFoundError as missing:
            raise missing_program() from missing

    def _show_progress(self, line: str) -> None:
        completion = _COMPLETION.match(line)
        if self.progress and completion:
            verb = _VERBS[completion["what"]]
            console.info(f"   {verb} {completion['address']} ({completion['time']})", style="dim")
