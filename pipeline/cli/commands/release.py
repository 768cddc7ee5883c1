"""tandem release: release the sources' heads."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, EnvOption, ProjectOption, WhyOption, open_session
from pipeline.core import console


def release(
    env: EnvOption,
    project: ProjectOption = HERE,
    why: WhyOption = "tandem release",
    allow_removal: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--allow-removal", help="Release content that lost most of its files.")
    ] = False,
) -> None:
    """Build and release the heads of all sources as one unit.

    Does nothing if the heads are already running. A head that removes more than half of the content's files
    (20 or more) is left out: that is a mistake far more often than intended. --allow-removal releases it.
    """
    from pipeline.deploy.release import release as release_heads

    result = release_heads(open_session(project, env), why, may_remove=allow_removal)
    console.out(result.release.number)
    if result.is_new:
        console.info(f"next: tandem check --env {env}")
    for note in result.notes():
        console.info(note, style="yellow")
