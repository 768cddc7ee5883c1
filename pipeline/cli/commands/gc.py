"""tandem gc: clear away what no kept release needs."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from pipeline.cli.options import (
    HERE,
    DryRunOption,
    EnvOption,
    JsonOption,
    ProjectOption,
    open_project,
    session,
)
from pipeline.core import console
from pipeline.deploy import gc as garbage


def gc(  # noqa: PLR0913, PLR0917 - one option each
    env: EnvOption,
    project: ProjectOption = HERE,
    keep: Annotated[int, typer.Option(help="Keep what so many releases need.", min=1)] = 10,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,  # noqa: FBT002 - a flag
    dry_run: DryRunOption = False,  # noqa: FBT002 - a flag
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Show what no kept release needs, and remove it once that was agreed to. Releases themselves stay."""
    at = session(open_project(project), env)
    with at.locked("tandem gc"):
        found = garbage.waste(at.platform, at.store, keep)
        if as_json:
            print(json.dumps([asdict(item) for item in found], indent=2))
        else:
            print("\n".join(f"{item.kind} {item.name}" for item in found) or "nothing to clear away")
        if not found or dry_run or not (yes or typer.confirm(f"remove these {len(found)}?", err=True)):
            return
        for item in garbage.clear(found, str(at.platform["function_name"])):
            console.info(f"   removed {item.kind} {item.name}")
        images = [item.name for item in found if item.kind == "image"]
        if at.is_local and images:
            at.stack.free_disk(images)
