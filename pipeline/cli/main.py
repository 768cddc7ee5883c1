"""The command line: one verb, one file; errors end here."""

import errno
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

import typer

from pipeline.cli.commands import cost as cli_cost
from pipeline.cli.commands import static as cli_static
from pipeline.cli.commands.apply import apply
from pipeline.cli.commands.bootstrap import bootstrap
from pipeline.cli.commands.check import check
from pipeline.cli.commands.compare import compare
from pipeline.cli.commands.diff import diff
from pipeline.cli.commands.doctor import doctor
from pipeline.cli.commands.down import down
from pipeline.cli.commands.gc import gc
from pipeline.cli.commands.history import history
from pipeline.cli.commands.plan import plan
from pipeline.cli.commands.release import release
from pipeline.cli.commands.releases import releases
from pipeline.cli.commands.render import render
from pipeline.cli.commands.rollback import rollback
from pipeline.cli.commands.show import show
from pipeline.cli.commands.status import status
from pipeline.cli.commands.trigger import trigger
from pipeline.cli.commands.up import up
from pipeline.cli.commands.verify import verify
from pipeline.core import console
from pipeline.core.errors import TandemError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help as plain text: it goes into docs/reference/cli.md as it is
    help="Lean app image, static data image and Lambda API, released as one.",
)

VERBS = (
    *(up, down, status, check, compare),
    *(bootstrap, plan, apply, release, trigger, verify, rollback, render),
    *(releases, show, diff, history, doctor, gc),
)
for verb in VERBS:
    app.command()(verb)
app.add_typer(cli_static.app, name="static")
app.add_typer(cli_cost.app, name="cost")

INTERRUPTED = 130


def main() -> None:
    """Run one command; a user never sees a traceback."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app()
    except TandemError as error:
        _fail(error.message, error.hint)
    except SystemExit as done:
        if done.code == INTERRUPTED:
            console.info("interrupted; run the same command again to finish", style="yellow")
        raise
    except OSError as error:
        if error.errno != errno.ENOSPC:
            _unexpected(error)
        _fail(f"the disk is full: {error}", "free some space and run the same command again")
    except Exception as error:  # noqa: BLE001 - a traceback is no answer
        _unexpected(error)


def _unexpected(error: Exception) -> NoReturn:
    """A bug of ours, or a machine in trouble: one sentence, and where it happened for those who ask."""
    if "TANDEM_DEBUG" in os.environ:
        raise error
    _fail(
        f"something unexpected: {type(error).__name__}: {error}",
        "run the command again; if it comes back, TANDEM_DEBUG=1 shows where it happens",
    )


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


def _fail(message: str, hint: str) -> NoReturn:
    console.info(f"error: {message}", style="bold red")
    if hint:
        console.info(f"hint:  {hint}")
    sys.exit(1)
