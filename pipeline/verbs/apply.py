"""tandem apply: platform, then release."""

from pipeline import switch, talk
from pipeline.bootstrap import bootstrap
from pipeline.build import foreign
from pipeline.deliver import deliver
from pipeline.local.stack import engine
from pipeline.session import LOCAL, Session
from pipeline.settings import Project
from pipeline.up import stand
from pipeline.verbs.options import HERE, EnvOption, ProjectOption, open_project, session


def apply(env: EnvOption, project: ProjectOption = HERE) -> None:
    """Make the platform as planned, then release the sources' heads on it. Safe to run again."""
    opened = open_project(project)
    at = stand(opened) if env == LOCAL else _platform(opened, env)
    delivery = deliver(at, "tandem apply")
    switch.settle(at)
    print(delivery.release.number)
    talk.say(f"next: tandem check --env {env}")


def _platform(project: Project, env: str) -> Session:
    at = session(project, env)
    # Told before the platform is made, which takes minutes and costs money.
    foreign.require(project, engine(), at.stack.id)
    bootstrap(project, env)
    with talk.step("terraform apply: platform"):
        switch.make_platform(at)
    return at
