"""Run the program's commands in this process; they are made once for all tests."""

from functools import cache
from typing import Any

import typer
from typer import testing

__all__ = ["CliRunner", "command_of"]

CliRunner = testing.CliRunner


@cache
def command_of(application: typer.Typer) -> Any:
    """The command of `application`: typer would make all of `tandem` again for each that runs."""
    return typer.main.get_command(application)


testing._get_command = command_of  # type: ignore[attr-defined]
