"""tandem release: release the sources' heads."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_project, session
from pipeline.core import console
from pipeline.deploy.release import deliver


def release(
    env: EnvOption,
    project: ProjectOption = HERE,
    why: Annotated[str, typer.Option(help="For the audit trail.")] = "tandem release",
) -> None:
    """Release the heads of all sources as one unit, unless they run already."""
    delivery = deliver(session(open_project(project), env), why)
    print(delivery.release.number)
    if delivery.is_new:
        console.info(f"next: tandem check --env {env}")
