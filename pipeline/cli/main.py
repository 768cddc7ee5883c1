"""The entry point of `tandem`: runs one command, and turns every error into a message and an exit code."""

import errno
import inspect
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Annotated, NoReturn

import typer

from pipeline.cli import exit_codes
from pipeline.cli.commands import compare, hook, records, static
from pipeline.cli.commands.api import api
from pipeline.cli.commands.apply import apply
from pipeline.cli.commands.approve import approve
from pipeline.cli.commands.bootstrap import bootstrap
from pipeline.cli.commands.check import check
from pipeline.cli.commands.console import console as console_page
from pipeline.cli.commands.cost import cost
from pipeline.cli.commands.destroy import destroy
from pipeline.cli.commands.dev import dev
from pipeline.cli.commands.diff import diff
from pipeline.cli.commands.doctor import doctor
from pipeline.cli.commands.down import down
from pipeline.cli.commands.exec import exec  # noqa: A004 - the verb's name
from pipeline.cli.commands.gc import gc
from pipeline.cli.commands.history import history
from pipeline.cli.commands.hold import freeze, hold
from pipeline.cli.commands.logs import logs
from pipeline.cli.commands.pin import pin, unpin
from pipeline.cli.commands.plan import plan
from pipeline.cli.commands.preview import preview
from pipeline.cli.commands.promote import promote
from pipeline.cli.commands.queue import queue
from pipeline.cli.commands.reconcile import reconcile
from pipeline.cli.commands.release import release
from pipeline.cli.commands.releases import releases
from pipeline.cli.commands.render import render
from pipeline.cli.commands.report import report
from pipeline.cli.commands.resume import resume
from pipeline.cli.commands.rollback import rollback
from pipeline.cli.commands.run import run
from pipeline.cli.commands.serve_webhook import serve_webhook
from pipeline.cli.commands.show import show
from pipeline.cli.commands.status import status
from pipeline.cli.commands.trigger import trigger
from pipeline.cli.commands.tune import tune
from pipeline.cli.commands.up import up
from pipeline.cli.commands.verify import verify
from pipeline.cli.commands.waterfall import waterfall
from pipeline.cli.exit_codes import ExitCode
from pipeline.cli.help_sections import SectionedGroup
from pipeline.cli.hints import RunOptions
from pipeline.core import console
from pipeline.core.errors import TandemError

SECTIONS = {
    "This machine": (up, down, dev, api, report),
    "Release": (bootstrap, plan, preview, apply, release, promote, approve, rollback, verify, render),
    "Choose": (hold, resume, pin, unpin, freeze),
    "Trigger": (trigger, reconcile, serve_webhook, queue),
    "Inspect": (status, console_page, logs, check, releases, show, diff, history, waterfall, doctor, cost),
    "Maintain": (run, exec, tune, gc, destroy),
}

_LONGEST_ARGUMENT, _LONGEST_MESSAGE = 4_096, 20_000

app = typer.Typer(
    cls=SectionedGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain text: docs/reference/cli.md repeats it
    epilog=exit_codes.explained(),
)
for title, verbs in SECTIONS.items():
    for verb in verbs:
        app.command(rich_help_panel=title)(verb)
app.add_typer(hook.app, name="hook", rich_help_panel="Trigger")
app.add_typer(compare.app, name="compare", rich_help_panel="This machine")
app.add_typer(records.app, name="records", rich_help_panel="Inspect")
app.add_typer(static.app, name="static", rich_help_panel="Maintain")


def _print_version(is_set: bool) -> None:  # noqa: FBT001 - Typer's signature
    if is_set:
        from importlib import metadata  # noqa: PLC0415 - only --version needs it

        console.out(f"tandem {metadata.version('tandem')}")
        raise typer.Exit


@app.callback()
def tandem(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Lean app image, static data image and Lambda API, released as one."""
    del version


def verbs_with_environment() -> set[str]:
    """The verbs that take `--env`."""
    return {
        verb.__name__
        for verbs in SECTIONS.values()
        for verb in verbs
        if "env" in inspect.signature(verb).parameters
    }


def this_run() -> RunOptions:
    """The options of this run, for the commands in hints."""
    return RunOptions.of(sys.argv[1:], os.environ.get("TANDEM_ENV", ""), verbs_with_environment())


def main() -> None:
    """Run one command; exits with an `ExitCode`. A user never sees a traceback."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _require_short(sys.argv[1:])
        app()
    except TandemError as error:
        _fail(error.message, error.hint)
    except SystemExit as exited:
        if exited.code == ExitCode.INTERRUPTED:
            console.info("interrupted; run the same command again to finish", style="yellow")
        raise
    except OSError as error:
        if error.errno != errno.ENOSPC:
            _fail_unexpectedly(error)
        _fail(f"the disk is full: {error}", "free some space and run the same command again")
    except Exception as error:  # noqa: BLE001 - users get a message, not a traceback
        _fail_unexpectedly(error)


def _require_short(words: Sequence[str]) -> None:
    """Messages repeat arguments, so no argument may have megabytes."""
    longest = max(map(len, words), default=0)
    if longest > _LONGEST_ARGUMENT:
        raise TandemError(
            f"an argument has {longest:,} characters: at most {_LONGEST_ARGUMENT:,} are read",
            hint="tandem --help",
        )


def _fail_unexpectedly(error: Exception) -> NoReturn:
    """Report a bug of Tandem or a broken machine in one line; TANDEM_DEBUG=1 shows the traceback."""
    if "TANDEM_DEBUG" in os.environ:
        raise error
    _fail(
        f"unexpected {type(error).__name__}: {error}",
        "run the command again; if it fails again, TANDEM_DEBUG=1 shows where",
    )


def _shown(text: str) -> str:
    """The text without the middle of a long one."""
    if len(text) > _LONGEST_MESSAGE:
        text = f"{text[: _LONGEST_MESSAGE // 2]}\n…\n{text[-_LONGEST_MESSAGE // 2 :]}"
    return text


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


def _fail(message: str, hint: str) -> NoReturn:
    console.info(f"error: {_shown(this_run().complete(message))}", style="bold red")
    if hint:
        console.info(f"hint:  {_shown(this_run().complete(hint))}")
    sys.exit(ExitCode.FAILED)
