"""tandem waterfall: where the time of the last runs went."""

import json
from itertools import islice
from typing import Annotated

import typer

from pipeline.cli.options import HERE, LOCAL, EnvOption, JsonOption, ProjectOption, open_session
from pipeline.core import console


def waterfall(
    env: EnvOption = LOCAL,
    project: ProjectOption = HERE,
    last: Annotated[int, typer.Option(help="How many runs to show.", min=1)] = 1,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Show where the time of the last releases and rollbacks went, failed ones included.

    One bar for each part, so that you see what ran at the same time. The newest run comes last.
    """
    from pipeline.records.waterfall import lines

    records = list(islice(open_session(project, env).store.runs(), last))[::-1]
    if as_json:
        console.out(json.dumps([record.to_dict() for record in records], indent=2))
        return
    for record in records:
        what = f"release {record.release}" if record.release else "nothing released"
        console.out("\n".join([f"{record.started_at}  {what}  {record.why}", *lines(record)]))
    if not records:
        console.out("no runs yet")
