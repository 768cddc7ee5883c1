"""tandem check: look into what runs."""

from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_project, session
from pipeline.core import console
from pipeline.deploy.preview import current
from pipeline.deploy.smoke_test import check as run_checks


def check(project: ProjectOption = HERE, env: EnvOption = "local") -> None:
    """Check what runs: containers (testinfra, where Docker runs them) and site."""
    at = session(open_project(project), env)
    current(at)  # without a release there is nothing to look into
    console.info(run_checks(at.url, at.stack.id if at.is_local else ""))
