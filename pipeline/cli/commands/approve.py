"""tandem approve: put a release into effect that waits for an approval."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_session
from pipeline.core import console


def approve(
    number: Annotated[int, typer.Argument(help="The number of the release.")],
    env: EnvOption,
    why: Annotated[str, typer.Option(help="The reason, for the audit trail.")],
    project: ProjectOption = HERE,
) -> None:
    """Approve a release that waits, and put it into effect.

    An environment wants approvals with `approval = true` in tandem.toml. Who approved, when and why is in
    `tandem history`. A release that a later one has overtaken cannot be approved any more.
    """
    from pipeline.deploy.approve import approve as verb

    console.out(verb(open_session(project, env), number, why).number)
    console.info(f"next: tandem check --env {env}")
