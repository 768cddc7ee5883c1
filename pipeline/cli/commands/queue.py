"""tandem queue: the triggers that wait, run, or have ended."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli.options import HERE, LOCAL, EnvOption, JsonOption, ProjectOption, open_project
from pipeline.core import console

if TYPE_CHECKING:
    from pipeline.triggers.queue import Queue


def queue(
    env: EnvOption = LOCAL,
    project: ProjectOption = HERE,
    last: Annotated[int, typer.Option(help="How many triggers that have ended to show.", min=0)] = 20,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Show the pushes that wait, run, were released, merged or skipped, and why.

    The queue is that of this machine. The newest trigger comes last.
    """
    from pipeline.triggers.queue import Queue

    rows = list_triggers(Queue.of(open_project(project), env), last)
    console.out(json.dumps(rows, indent=2) if as_json else "\n".join(map(_line, rows)) or "no triggers yet")


def list_triggers(triggers: "Queue", last: int) -> list[dict[str, Any]]:
    """All triggers that wait or run, and the `last` that have ended, as JSON values."""
    holder, running = triggers.running()
    rows = []
    for entry in triggers.entries(last):
        state = entry.ended.outcome.value if entry.ended else "runs" if entry.id in running else "waits"
        row = {
            "id": entry.id,
            "state": state,
            "trigger": {**entry.trigger.to_dict(), "title": str(entry.trigger)},
            "release": entry.ended.release if entry.ended else 0,
            "ended": entry.ended.at if entry.ended else "",
            "why": entry.ended.why if entry.ended else str(holder) if state == "runs" else "",
        }
        rows.append(row)
    return rows


def _line(row: dict[str, Any]) -> str:
    release = f": release {row['release']}" if row["release"] else ""
    why = ": " + row["why"].replace("\n", "\n    ") if row["why"] else ""
    return f"{row['trigger']['at'][:19]:<19}  {row['state']:<8}  {row['trigger']['title']}{release}{why}"
