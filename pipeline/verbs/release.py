"""tandem release: release the sources' heads."""

from typing import Annotated

import typer

from pipeline import talk
from pipeline.deliver import deliver
from pipeline.verbs.options import HERE, EnvOption, ProjectOption, open_project, session


def release(
    env: EnvOption,
    project: ProjectOption = HERE,
    why: Annotated[str, typer.Option(help="For the audit trail.")] = "tandem release",
) -> None:
    """Release the heads of all sources as one unit, unless they run already."""
    delivery = deliver(session(open_project(project), env), why)
    print(delivery.release.number)
    if delivery.is_new:
        talk.say(f"next: tandem check --env {env}")
