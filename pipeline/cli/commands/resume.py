"""tandem resume: release the heads of sources on hold again."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, EnvOption, ProjectOption, WhyOption, open_session
from pipeline.core import console
from pipeline.core.values import Source


def resume(
    env: EnvOption,
    source: Annotated[
        Source | None, typer.Argument(help="The source.  [default: every source on hold]")
    ] = None,
    project: ProjectOption = HERE,
    why: WhyOption = "tandem resume",
) -> None:
    """End the hold of a source, which a rollback or `tandem hold` began.

    Nothing is released by it: the next release has the head of the source again.
    """
    from pipeline.deploy import hold as verb

    sources = verb.resume(open_session(project, env), source, why)
    console.out("\n".join(sources))
    if sources:
        console.info(f"next: tandem release --env {env}")
