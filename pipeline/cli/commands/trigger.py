"""tandem trigger: release after a push."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, LOCAL, EnvOption, ProjectOption, open_session
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.values import Source


def trigger(
    source: Annotated[Source, typer.Argument(help="The source that was pushed to.")],
    project: ProjectOption = HERE,
    env: EnvOption = LOCAL,
) -> None:
    """Release after a push; for git hooks and CI.

    The command reads the heads of all sources itself, under the environment's lock. Duplicate, late and
    simultaneous triggers are harmless: the last heads win. If the pushed source does not build, the other
    sources are released, and the exit code is 1.
    """
    from pipeline.deploy.release import release

    result = release(open_session(project, env), f"push to {source}")
    for note in result.notes():
        console.info(note, style="yellow")
    if source in result.failed:
        raise TandemError(
            f"the push to {source} was not released: {result.failed[source]}",
            hint=f"fix it and push to {source} again; the other sources were released",
        )
