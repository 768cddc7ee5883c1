"""tandem check: look into what runs."""

from pipeline import talk
from pipeline.check import check as run_checks
from pipeline.preview import current
from pipeline.verbs.options import HERE, EnvOption, ProjectOption, open_project, session


def check(project: ProjectOption = HERE, env: EnvOption = "local") -> None:
    """Check what runs: containers (testinfra, where Docker runs them) and site."""
    at = session(open_project(project), env)
    current(at)  # without a release there is nothing to look into
    talk.say(run_checks(at.url, at.stack.id if at.is_local else ""))
