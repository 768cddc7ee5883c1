"""tandem run: a command, once, as the released API."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, DryRunOption, EnvOption, ProjectOption, open_session
from pipeline.core import console


def run(
    command: Annotated[list[str], typer.Argument(help="The command and its arguments, after `--`.")],
    env: EnvOption,
    project: ProjectOption = HERE,
    timeout: Annotated[int, typer.Option(help="Stop the command after this many seconds.", min=1)] = 3600,
    dry_run: DryRunOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Run a command once, as the released API: its image, settings, network and role.

    For migrations of a database and the like. Prints what the command writes. The exit code is the command's.
    Ctrl-C stops it. The audit trail has the command, its author and its end, so put no secret into it.
    """
    from pipeline.deploy import run as verb

    session = open_session(project, env)
    if dry_run:
        console.out(verb.find_released(session))
        return
    if code := verb.run(session, command, timeout=timeout):
        raise typer.Exit(code)
