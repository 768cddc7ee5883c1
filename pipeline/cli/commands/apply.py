"""tandem apply: the platform, then a release."""

from typing import TYPE_CHECKING

from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_project, open_session
from pipeline.core import console

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.deploy.session import Session


def apply(env: EnvOption, project: ProjectOption = HERE) -> None:
    """Apply the platform, then release the sources' heads on it.

    Safe to run again: what is already in place stays as it is.
    """
    from pipeline.deploy import api_runtime
    from pipeline.deploy.local_platform import stand
    from pipeline.deploy.release import deliver
    from pipeline.deploy.session import LOCAL

    session = stand(open_project(project)) if env == LOCAL else _apply_platform(project, env)
    delivery = deliver(session, "tandem apply")
    api_runtime.settle(session)
    print(delivery.release.number)
    console.info(f"next: tandem check --env {env}")


def _apply_platform(project: "Path", env: str) -> "Session":
    from pipeline.aws.state_bucket import bootstrap
    from pipeline.deploy import api_runtime
    from pipeline.images import platforms
    from pipeline.local.stack import docker_client

    session = open_session(project, env)
    # Checked first: the platform takes minutes to apply and costs money.
    platforms.require(session.project, docker_client(), session.stack.id)
    bootstrap(session.project, env)
    with console.step("terraform apply: platform"):
        api_runtime.make_platform(session)
    return session
