"""Evaluate a root's variables with its variable files, by Terraform's console."""

import json
import os
import shutil
import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipeline.core.errors import TandemError
from pipeline.terraform import program
from pipeline.terraform.failures import error_text


def variable_values(root: Path, names: Collection[str], var_files: Sequence[Path]) -> dict[str, Any]:
    """The values of the variables `names`, by name; a variable that no file sets has its default.

    Terraform evaluates a copy of the root's variables*.tf in a folder without backend and providers: this
    takes 50 ms, needs no `init`, and reads neither the state nor AWS.

    Raises:
        TandemError: Terraform refuses a value, or a variable has no value.
    """
    expression = f"jsonencode({{ {', '.join(f'{name} = var.{name}' for name in names)} }})\n"
    with TemporaryDirectory(prefix="tandem-") as name:
        folder = Path(name)
        for file in root.glob("variables*.tf"):
            shutil.copy(file, folder)
        output = _evaluate(folder, root, expression, var_files)
    try:
        values: dict[str, Any] = json.loads(json.loads(output.splitlines()[-1]))
    except (IndexError, ValueError) as error:
        raise TandemError(
            f"terraform/{root.name} leaves one of {', '.join(names)} without a value"
        ) from error
    return values


def _evaluate(folder: Path, root: Path, expression: str, var_files: Sequence[Path]) -> str:
    """The output of Terraform's console: its warnings, then the value on the last line."""
    command = [
        program.binary(),
        "console",
        "-no-color",
        *(f"-var-file={file.resolve()}" for file in var_files),
    ]
    env = {**os.environ, **program.environ(folder / "data")}
    process = subprocess.run(
        command, cwd=folder, env=env, input=expression, capture_output=True, text=True, check=False
    )
    if process.returncode:
        # Terraform 1.11 reports the refused value, then panics as the expression has no value.
        errors, _, _ = process.stderr.partition("!!!")
        raise TandemError(f"terraform/{root.name} refuses its variables: {error_text(errors)}")
    return process.stdout
