"""tandem trigger: release after a push."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_session
from pipeline.core.values import Source


def trigger(
    source: Annotated[Source, typer.Argument(help="The source that was pushed to.")],
    project: ProjectOption = HERE,
    env: EnvOption = "local",
) -> None:
    """Release after a push; for git hooks and CI.

    The command reads the heads of all sources itself, under the environment's lock. Duplicate, late and
    simultaneous triggers are harmless: the last heads win.
    """
    from pipeline.deploy.release import release

    release(open_session(project, env), f"push to {source}")
