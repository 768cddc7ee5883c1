"""Run the program's commands in this process; they are made once for all tests."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import typer
from typer import testing

__all__ = ["CliRunner", "accept", "command_of"]

CliRunner = testing.CliRunner


@cache
def command_of(application: typer.Typer) -> Any:
    """The command of `application`: typer would make all of `tandem` again for each that runs."""
    return typer.main.get_command(application)


def accept(application: typer.Typer, words: Sequence[str]) -> None:
    """Parse the words as a command of `application` would; click raises for what it does not take."""
    group = command_of(application)
    context = group.make_context("tandem", list(words))
    name, command, rest = group.resolve_command(context, context._protected_args + context.args)
    if hasattr(command, "resolve_command"):
        inner = command.make_context(name, rest, parent=context)
        if command.invoke_without_command and not inner._protected_args + inner.args:
            return
        name, command, rest = command.resolve_command(inner, inner._protected_args + inner.args)
    command.make_context(name, rest, parent=context)


testing._get_command = command_of  # type: ignore[attr-defined]
