"""tandem pin and unpin: release a chosen commit of a source instead of its head."""

from typing import Annotated

import typer

from pipeline.cli.commands.hold import HoldWhyOption, UntilOption
from pipeline.cli.commands.resume import resume
from pipeline.cli.options import HERE, EnvOption, ProjectOption, WhyOption, open_session
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.values import Source


def pin(
    what: Annotated[str, typer.Argument(help="SOURCE=COMMIT, such as static=4f2a9c1.")],
    env: EnvOption,
    why: HoldWhyOption,
    until: UntilOption = "",
    project: ProjectOption = HERE,
) -> None:
    """Release a chosen commit of a source instead of its head.

    COMMIT is an id, a branch or a tag of the source's repository; a name is resolved once, now. The next
    release has the commit, and goes on with the heads of the other sources. `tandem unpin` ends it.
    """
    from pipeline.deploy import hold as verb
    from pipeline.git.sources import resolve

    source, _, name = what.partition("=")
    if source not in set(Source) or not name:
        raise TandemError(
            f"{what!r} names no source and commit", hint=f"tandem pin static=COMMIT --env {env} --why TEXT"
        )
    session = open_session(project, env)
    commit = resolve(session.project, Source(source), name)
    console.out(f"{source} is {verb.pin(session, commit, why, until).describe(env)}")
    console.info(f"next: tandem release --env {env}")


def unpin(
    source: Annotated[Source, typer.Argument(help="The source.")],
    env: EnvOption,
    project: ProjectOption = HERE,
    why: WhyOption = "tandem unpin",
) -> None:
    """Release the head of a source again; another name of `tandem resume` for one source."""
    resume(env, source, project, why)
