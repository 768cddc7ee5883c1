"""tandem doctor: look a machine and an environment over."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.options import HERE, JsonOption, ProjectOption, open_project, session
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.deploy import doctor as clinic
from pipeline.deploy.doctor import Sign
from pipeline.deploy.store import lock


def doctor(
    env: Annotated[
        str, typer.Option("--env", envvar="TANDEM_ENV", help="Which environment to look at.")
    ] = "local",
    project: ProjectOption = HERE,
    unlock: Annotated[
        int | None, typer.Option(help="Clear the lock with this token; its holder can change nothing then.")
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Check tools, access, locks and unfinished work; each with its hint. Exit code 1 if any is amiss."""
    if unlock is not None:
        lock.release(session(open_project(project), env).store.objects, unlock)
        console.info(f"   the lock with token {unlock} is free")
    signs = [*clinic.tools(), *_environment(project, env)]
    print(json.dumps([asdict(sign) for sign in signs], indent=2) if as_json else "\n".join(map(_line, signs)))
    if not all(sign.ok for sign in signs):
        raise typer.Exit(1)


def _environment(project: ProjectOption, env: str) -> list[Sign]:
    try:
        return clinic.environment(session(open_project(project), env))
    except TandemError as error:
        return [Sign(ok=False, what=f"environment {env}", seen=error.message, hint=error.hint)]


def _line(sign: Sign) -> str:
    mark = "ok  " if sign.ok else "BAD "
    return f"{mark} {sign.what}: {sign.seen}" + (f"\n       hint: {sign.hint}" if sign.hint else "")
