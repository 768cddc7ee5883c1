"""tandem gc: delete what no kept release needs."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import HERE, DryRunOption, EnvOption, JsonOption, ProjectOption, open_session
from pipeline.core import console

if TYPE_CHECKING:
    from pipeline.deploy.gc import Garbage
    from pipeline.deploy.session import Session


def gc(  # noqa: PLR0913, PLR0917 - one option each
    env: EnvOption,
    project: ProjectOption = HERE,
    keep: Annotated[int, typer.Option(help="Keep what this many releases need.", min=1)] = 10,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,  # noqa: FBT002 - a flag
    dry_run: DryRunOption = False,  # noqa: FBT002 - a flag
    as_json: JsonOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Delete what no kept release needs.

    Lists images, task definition revisions and function versions first, and asks before it deletes them.
    Releases themselves are never deleted.
    """
    from pipeline.deploy.gc import find_garbage

    session = open_session(project, env)
    items = find_garbage(session.aws, session.platform, session.store, keep)
    if as_json:
        console.out(json.dumps([asdict(item) for item in items], indent=2))
    else:
        console.out("\n".join(f"{item.kind} {item.name}" for item in items) or "nothing to delete")
    if items and not dry_run and (yes or typer.confirm(f"delete these {len(items)}?", err=True)):
        with session.locked("tandem gc"):
            # Nobody holds the lock while a person thinks: a run may have begun to need some of them.
            still = set(find_garbage(session.aws, session.platform, session.store, keep))
            _delete(session, [item for item in items if item in still])


def _delete(session: "Session", items: "list[Garbage]") -> None:
    from pipeline.deploy.gc import remove_garbage

    for item in remove_garbage(session.aws, items, session.platform.function_name):
        console.info(f"   deleted {item.kind} {item.name}")
    images = [item.name for item in items if item.kind == "image"]
    if session.is_local and images:
        session.stack.free_disk(images)
