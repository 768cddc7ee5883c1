"""tandem check: tests against what runs."""

import json
from dataclasses import asdict

from pipeline.cli.options import HERE, LOCAL, EnvOption, JsonOption, ProjectOption, open_session
from pipeline.core import console


def check(project: ProjectOption = HERE, env: EnvOption = LOCAL, as_json: JsonOption = False) -> None:  # noqa: FBT002 - a flag
    """Check the running site and, locally, its containers.

    The checks follow tandem.toml and the task definition of the current release. They ask the site over HTTP;
    in the local environment testinfra also looks into the containers. The project's own tests in `checks/`
    beside tandem.toml run as well. The exit code is 1 if a check fails.
    """
    from pipeline.deploy import smoke_test
    from pipeline.deploy.plan import require_current

    session = open_session(project, env)
    release = require_current(session)  # without a release there is nothing to check
    stack = session.stack.id if session.is_local else ""
    target = smoke_test.facts(release, session.project.settings, session.url, stack)
    report = smoke_test.check(target, session.project.root)
    if as_json:
        console.out(json.dumps([asdict(result) for result in report.results], indent=2))
    else:
        console.out("\n".join(map(str, report.results)))
    report.require(session.url, env)
    console.info(report.summary)
