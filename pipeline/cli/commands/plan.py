"""tandem plan: what a release would change."""

import json

import typer

from pipeline.aws.state_bucket import bootstrap
from pipeline.cli.options import HERE, EnvOption, JsonOption, ProjectOption, open_project, session
from pipeline.core import console
from pipeline.deploy.preview import preview
from pipeline.deploy.session import LOCAL
from pipeline.local.stack import Stack

CHANGES = 2


def plan(env: EnvOption, project: ProjectOption = HERE, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Show what a release would change, field by field. Exit code 2 if anything would."""
    opened = open_project(project)
    if env == LOCAL:
        # Nothing of it costs anything, and an empty account is as good to plan on as any.
        Stack.of(opened).ensure_control_plane()
    at = session(opened, env)
    if env == LOCAL:
        bootstrap(opened, env)
    found = preview(at)
    print(json.dumps(found.to_dict(), indent=2) if as_json else "\n".join(found.lines()))
    if not found.is_empty:
        console.info(f"next: tandem apply --env {env}")
        raise typer.Exit(CHANGES)
