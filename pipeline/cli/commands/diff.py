"""tandem diff: two releases, field by field."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.options import HERE, LOCAL, EnvOption, JsonOption, ProjectOption, open_session
from pipeline.core import console


def diff(
    before: Annotated[int, typer.Argument(help="The number of one release.")],
    after: Annotated[int, typer.Argument(help="The number of the other.")],
    env: EnvOption = LOCAL,
    project: ProjectOption = HERE,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Show the differences between two releases, field by field."""
    from pipeline.deploy.changes import changed_fields, moved_sources

    store = open_session(project, env).store
    old, new = store.get(before), store.get(after)
    moves = moved_sources(old, new.commits, lambda source, *_: [new.commits[source].subject])
    fields = changed_fields(old, new)
    if as_json:
        console.out(
            json.dumps({"moved": [asdict(m) for m in moves], "fields": [asdict(f) for f in fields]}, indent=2)
        )
    else:
        lines = [
            f"{item.source}: {item.before[:10]} -> {item.after[:10]}  {item.subjects[0]}" for item in moves
        ]
        console.out("\n".join([*lines, *map(str, fields)]) or "no differences")
