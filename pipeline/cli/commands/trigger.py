"""tandem trigger: something moved in a source."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_project, session
from pipeline.core.values import Source
from pipeline.deploy.release import deliver


def trigger(
    source: Annotated[Source, typer.Argument(help="The source that was pushed to.")],
    project: ProjectOption = HERE,
    env: EnvOption = "local",
) -> None:
    """Release after a push: for hooks and CI of the sources' repositories.

    It only says that something moved. All heads are read again, under the environment's lock, so
    doubled, late and simultaneous triggers are harmless: the last heads win.
    """
    deliver(session(open_project(project), env), f"push to {source}")
