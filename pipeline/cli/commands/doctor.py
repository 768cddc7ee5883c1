"""tandem doctor: the health of this machine and of an environment."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.exit_codes import ExitCode
from pipeline.cli.options import HERE, LOCAL, EnvOption, JsonOption, ProjectOption, open_session
from pipeline.core import console
from pipeline.core.errors import TandemError

if TYPE_CHECKING:
    from pipeline.deploy.doctor import Diagnostic


def doctor(
    env: EnvOption = LOCAL,
    project: ProjectOption = HERE,
    unlock: Annotated[
        int | None, typer.Option(help="Remove the lock with this token; its holder can then change nothing.")
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Check tools, access, locks, unfinished releases, and whether the account has room.

    Before the platform is made the account is compared with all that it needs: quotas, service-linked roles,
    names. Each problem comes with a hint. The exit code is 1 if there is any problem.
    """
    from pipeline.deploy.doctor import diagnose_tools, remove_lock

    if unlock is not None:
        remove_lock(open_session(project, env), unlock)
        console.info(f"   the lock with token {unlock} is removed")
    results = [*diagnose_tools(), *_check_environment(project, env)]
    console.out(json.dumps([asdict(item) for item in results], indent=2) if as_json else _text(results))
    if not all(item.ok for item in results):
        raise typer.Exit(ExitCode.FAILED)


def _check_environment(project: Path, env: str) -> "list[Diagnostic]":
    from pipeline.deploy.doctor import Diagnostic, diagnose_environment

    try:
        return diagnose_environment(open_session(project, env))
    except TandemError as error:
        return [Diagnostic(ok=False, what=f"environment {env}", seen=error.message, hint=error.hint)]


def _text(results: "list[Diagnostic]") -> str:
    return "\n".join(
        f"{'ok  ' if item.ok else 'BAD '} {item.what}: {item.seen}"
        + (f"\n       hint: {_hint(item.hint)}" if item.hint else "")
        for item in results
    )


def _hint(text: str) -> str:
    from pipeline.cli.main import this_run

    return this_run().complete(text)
