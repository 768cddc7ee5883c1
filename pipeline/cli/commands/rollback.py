"""tandem rollback: back to a release that succeeded."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, DryRunOption, EnvOption, ProjectOption, WhyOption, open_session
from pipeline.core import console


def rollback(
    env: EnvOption,
    number: Annotated[
        int | None,
        typer.Argument(help="The release to repeat.  [default: the last that succeeded before the current]"),
    ] = None,
    project: ProjectOption = HERE,
    why: WhyOption = "tandem rollback",
    dry_run: DryRunOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Repeat an earlier successful release as a new release.

    Tasks and API go back together. Everything that the release names is verified before anything changes.
    """
    from pipeline.deploy import rollback as verb

    session = open_session(project, env)
    if dry_run:
        console.out(verb.check_target(session, number).number)
        return
    console.out(verb.rollback(session, number, why).number)
    console.info(f"next: tandem check --env {env}; `tandem resume --env {env}` releases the heads again")
