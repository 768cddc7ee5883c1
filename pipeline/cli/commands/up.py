"""tandem up: the whole system on this machine."""

import time

from pipeline.cli.options import HERE, ProjectOption, open_project
from pipeline.core import console


def up(project: ProjectOption = HERE) -> None:
    """Start everything on this machine and release; needs no AWS account.

    Starts the local AWS, applies the platform, builds the images, releases them, runs the checks, and
    measures the builds of these commits once. Run again, it changes only what differs.
    """
    from pipeline.cli.up_summary import up_summary
    from pipeline.compare.side_by_side import measure_unless_current
    from pipeline.deploy import smoke_test
    from pipeline.deploy.api_runtime import shift_api_traffic
    from pipeline.deploy.local_platform import ensure_local_platform
    from pipeline.triggers.git_hook import install_local_hooks
    from pipeline.triggers.queue import Queue
    from pipeline.triggers.reconcile import release_all

    began = time.monotonic()
    session = ensure_local_platform(open_project(project))
    install_local_hooks(session.project)
    result = release_all(session, Queue.of(session.project, session.environment), "tandem up")
    shift_api_traffic(session)
    target = smoke_test.facts(result.release, session.project.settings, session.url, session.stack.id)
    report = smoke_test.check(target, session.project.root)
    report.require(session.url, session.environment)
    measure_unless_current(session, result.release.commits)
    console.out(up_summary(session, result, report.summary, time.monotonic() - began))
