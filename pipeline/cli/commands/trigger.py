"""tandem trigger: release after a push."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, LOCAL, EnvOption, ProjectOption, open_project, open_session
from pipeline.core.values import Source


def trigger(  # noqa: PLR0913, PLR0917 - the options of a verb
    source: Annotated[Source, typer.Argument(help="The source that was pushed to.")],
    project: ProjectOption = HERE,
    env: EnvOption = LOCAL,
    before: Annotated[str, typer.Option(help="The commit before the push, for the audit trail.")] = "",
    after: Annotated[str, typer.Option(help="The commit that was pushed, for the audit trail.")] = "",
    way: Annotated[str, typer.Option(help="What calls the command.")] = "tandem trigger",
) -> None:
    """Release after a push; for git hooks and CI.

    The push is stored in the queue first (`tandem queue`), and waits there if this command is killed. Then
    the command reads the heads of all sources itself, under the environment's lock. Duplicate, late and
    simultaneous triggers are harmless: the last heads win, and pushes that come while a release runs go with
    the next one. If the pushed source does not build, the other sources are released, and the exit code is 1.
    """
    from pipeline.git.ids import is_id
    from pipeline.triggers.queue import Queue, new_trigger
    from pipeline.triggers.reconcile import handle

    opened_project = open_project(project)
    queue = Queue.of(opened_project, env)
    # A branch that is new has zeros before it, as one that was deleted has after it.
    commits = (commit if is_id(commit) and commit.strip("0") else "" for commit in (before, after))
    entry = queue.add(new_trigger(way, source, *commits))
    if entry:
        handle(open_session(project, env), queue, entry)
