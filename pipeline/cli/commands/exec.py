"""tandem exec: a command in a running container."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_session
from pipeline.core.values import Source


def exec(  # noqa: A001 - the verb's name
    source: Annotated[Source, typer.Argument(help="The container: app, or api if it runs as tasks.")],
    env: EnvOption,
    command: Annotated[
        list[str] | None, typer.Argument(help="The command, after `--`.  [default: sh]", show_default=False)
    ] = None,
    project: ProjectOption = HERE,
    task: Annotated[
        str, typer.Option(help="The beginning of the task's id; the newest task otherwise.")
    ] = "",
) -> None:
    """Run a command in a running container, with this terminal.

    To look, not to change: the next task knows nothing of it. The audit trail has the command and its author.
    In AWS the platform's variable `exec` allows it, and session-manager-plugin must be installed.
    """
    from pipeline.deploy import exec as verb

    code = verb.execute(open_session(project, env), source, command or ["sh"], task_id=task)
    if code:
        raise typer.Exit(code)
