"""tandem history: the audit trail."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.options import HERE, LOCAL, EnvOption, JsonOption, ProjectOption, open_session
from pipeline.core import console


def history(
    env: EnvOption = LOCAL,
    project: ProjectOption = HERE,
    last: Annotated[int, typer.Option(help="How many entries to show.", min=1)] = 30,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Show the audit trail: who deployed what, why, and how it ended.

    The newest entry comes last.
    """
    trail = open_session(project, env).store.trail(last)
    if as_json:
        console.out(json.dumps([asdict(entry) for entry in trail], indent=2))
        return
    for entry in trail:
        what = f"release {entry.release or '-':>4}  {entry.outcome.value:<11}  {entry.by}"
        reason = ": " + entry.reason.replace("\n", "\n    ") if entry.reason else ""
        console.out(f"{entry.at}  {what}{reason}")
    if not trail:
        console.out("no deployments yet")
