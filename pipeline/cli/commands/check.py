"""tandem check: tests against what runs."""

from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_session
from pipeline.core import console


def check(project: ProjectOption = HERE, env: EnvOption = "local") -> None:
    """Check the running site and, locally, its containers.

    The checks ask the site over HTTP. In the local environment testinfra also looks into the containers.
    """
    from pipeline.deploy import smoke_test
    from pipeline.deploy.plan import require_current

    session = open_session(project, env)
    require_current(session)  # without a release there is nothing to check
    console.info(smoke_test.check(session.url, session.stack.id if session.is_local else ""))
