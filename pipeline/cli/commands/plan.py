"""tandem plan: what a release would change."""

import json

import typer

from pipeline.cli.exit_codes import ExitCode
from pipeline.cli.options import HERE, LOCAL, EnvOption, JsonOption, ProjectOption, open_project, open_session
from pipeline.core import console


def plan(env: EnvOption = LOCAL, project: ProjectOption = HERE, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Show what a release would change, field by field.

    Also shows what was changed by hand since the last release, and Terraform's plan of both roots.
    The exit code is 2 if there are changes.
    """
    from pipeline.aws.state_bucket import bootstrap
    from pipeline.deploy import plan as plan_verb
    from pipeline.deploy.advice import advice
    from pipeline.local.stack import Stack

    if env == LOCAL:
        # Free of charge; the plan of an empty local account shows everything that would be created.
        Stack.of(open_project(project)).ensure_control_plane()
    session = open_session(project, env)
    if env == LOCAL:
        bootstrap(session.aws, session.project, env)
    changes = plan_verb.plan(session)
    console.out(json.dumps(changes.to_dict(), indent=2) if as_json else "\n".join(changes.lines()))
    for sentence in advice(session):
        console.info(sentence, style="yellow")
    if not changes.is_empty:
        console.info(f"next: tandem apply --env {env}")
        raise typer.Exit(ExitCode.CHANGES)
