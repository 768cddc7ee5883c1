"""tandem destroy: delete an environment from AWS."""

import sys
from typing import Annotated

import typer

from pipeline.cli.options import HERE, DryRunOption, EnvOption, ProjectOption, open_session
from pipeline.core import console
from pipeline.core.errors import TandemError


def destroy(
    env: EnvOption,
    project: ProjectOption = HERE,
    yes_destroy: Annotated[
        str, typer.Option(metavar="NAME", help="The environment's name once more, instead of the question.")
    ] = "",
    dry_run: DryRunOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Delete all resources of an environment: releases, images, records and the platform.

    Shows what goes, then asks for the environment's name. Refused while deletion_protection is on, and for
    credentials of another account than tandem.toml names. The bucket of Terraform's state stays.
    """
    from pipeline.aws.state_bucket import state_bucket
    from pipeline.deploy import destroy as verb

    session = open_session(project, env)
    verb.require_destroyable(session)
    teardown = verb.teardown(session)
    console.out("\n".join(teardown.lines()))
    bucket = state_bucket(session.aws, session.project, env)
    console.info(f"account {bucket.account}, {bucket.region}: {len(teardown.addresses)} resources of {env}")
    if dry_run or not teardown.addresses:
        return
    _confirm(env, yes_destroy)
    verb.destroy(session)
    console.info(f"{env} is destroyed; the bucket {bucket.bucket} with the states of the past remains")


def _confirm(environment: str, answer: str) -> None:
    """TandemError unless the answer, typed or by option, is the environment's name."""
    if not answer and sys.stdin.isatty():
        answer = typer.prompt(f"type {environment} to destroy it", err=True)
    if answer != environment:
        raise TandemError(
            f"nothing was destroyed: {environment} was not confirmed by its name",
            hint=f"tandem destroy --yes-destroy {environment}",
        )
