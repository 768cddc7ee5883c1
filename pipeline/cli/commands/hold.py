"""tandem hold: keep a source at its released commit."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_session
from pipeline.core import console
from pipeline.core.values import Source


def hold(
    source: Annotated[Source, typer.Argument(help="The source to keep.")],
    env: EnvOption,
    why: Annotated[str, typer.Option(help="The reason, for the audit trail and for those who push.")],
    project: ProjectOption = HERE,
) -> None:
    """Keep a source at its released commit.

    Releases go on with the other sources. `tandem resume` ends it.
    """
    from pipeline.deploy import hold as verb

    print(f"{source} is {verb.hold(open_session(project, env), source, why).describe(env)}")
    console.info(f"to release its head again: tandem resume {source} --env {env}")
