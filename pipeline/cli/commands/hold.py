"""tandem hold: keep a source at its released commit."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_session
from pipeline.core import console
from pipeline.core.values import Source

UntilOption = Annotated[
    str, typer.Option(help="When it ends by itself, such as 2026-12-24T18:00.  [default: never]")
]
HoldWhyOption = Annotated[str, typer.Option(help="The reason, for the audit trail and for those who push.")]


def hold(
    source: Annotated[Source, typer.Argument(help="The source to keep.")],
    env: EnvOption,
    why: HoldWhyOption,
    until: UntilOption = "",
    project: ProjectOption = HERE,
) -> None:
    """Keep a source at its released commit.

    Releases go on with the other sources. `tandem resume` ends it.
    """
    from pipeline.deploy import hold as verb

    source_hold = verb.hold(open_session(project, env), source, why, until)
    console.out(f"{source} is {source_hold.describe(env)}")
    console.info(f"to release its head again: tandem resume {source} --env {env}")


def freeze(
    source: Annotated[Source, typer.Argument(help="The source to keep.")],
    env: EnvOption,
    why: HoldWhyOption,
    until: UntilOption = "",
    project: ProjectOption = HERE,
) -> None:
    """Keep a source at its released commit; another name of `tandem hold`."""
    hold(source, env, why, until, project)
