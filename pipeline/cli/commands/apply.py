"""tandem apply: platform, then release."""

from pipeline.aws.state_bucket import bootstrap
from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_project, session
from pipeline.core import console
from pipeline.core.settings import Project
from pipeline.deploy import api_runtime as switch
from pipeline.deploy.local_platform import stand
from pipeline.deploy.release import deliver
from pipeline.deploy.session import LOCAL, Session
from pipeline.images import platforms
from pipeline.local.stack import docker_client


def apply(env: EnvOption, project: ProjectOption = HERE) -> None:
    """Make the platform as planned, then release the sources' heads on it. Safe to run again."""
    opened = open_project(project)
    at = stand(opened) if env == LOCAL else _platform(opened, env)
    delivery = deliver(at, "tandem apply")
    switch.settle(at)
    print(delivery.release.number)
    console.info(f"next: tandem check --env {env}")


def _platform(project: Project, env: str) -> Session:
    at = session(project, env)
    # Told before the platform is made, which takes minutes and costs money.
    platforms.require(project, docker_client(), at.stack.id)
    bootstrap(project, env)
    with console.step("terraform apply: platform"):
        switch.make_platform(at)
    return at
