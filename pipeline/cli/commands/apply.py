"""tandem apply: the platform, then a release."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_project, open_session
from pipeline.core import console

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.deploy.session import Session


def apply(
    env: EnvOption,
    project: ProjectOption = HERE,
    allow_replace: Annotated[
        list[str] | None,
        typer.Option(help="Address of a stateful resource that may be replaced or destroyed; repeatable."),
    ] = None,
) -> None:
    """Apply the platform, then release the sources' heads on it.

    Safe to run again: what is already in place stays as it is. If something would be lost that cannot be made
    again (images, records, the load balancer's address), nothing is changed without --allow-replace.
    """
    from pipeline.core.settings import LOCAL
    from pipeline.deploy.advice import advice
    from pipeline.deploy.api_runtime import shift_api_traffic
    from pipeline.deploy.release import release

    session = _local_platform(project) if env == LOCAL else _apply_platform(project, env, allow_replace or [])
    result = release(session, "tandem apply")
    shift_api_traffic(session)
    console.out(result.release.number)
    console.info(f"next: tandem check --env {env}")
    for note in (*result.notes(), *advice(session)):
        console.info(note, style="yellow")


def _local_platform(project: "Path") -> "Session":
    from pipeline.deploy.local_platform import ensure_local_platform
    from pipeline.triggers.git_hook import install_local_hooks

    session = ensure_local_platform(open_project(project), "tandem apply")
    install_local_hooks(session.project)
    return session


def _apply_platform(project: "Path", env: str, allowed: list[str]) -> "Session":
    from pipeline.aws.state_bucket import bootstrap
    from pipeline.deploy.api_runtime import apply_platform
    from pipeline.images import platforms
    from pipeline.local.stack import docker_client

    session = open_session(project, env)
    # Checked first: the platform takes minutes to apply and costs money.
    platforms.require(session.project, docker_client(), session.stack.id)
    bootstrap(session.aws, session.project, env)
    apply_platform(session, allowed)
    return session
