"""tandem reconcile: release what waits or was lost."""

from pipeline.cli.options import HERE, EnvOption, ProjectOption, open_project, open_session
from pipeline.core import console


def reconcile(env: EnvOption, project: ProjectOption = HERE) -> None:
    """Release the triggers that wait, and heads that moved without a trigger.

    For a schedule, and after a machine was down: whatever was lost is caught. Does nothing if the heads run
    already, and does not repeat a release of the same heads that failed.
    """
    from pipeline.triggers.queue import Queue
    from pipeline.triggers.reconcile import reconcile as reconcile_heads

    result = reconcile_heads(open_session(project, env), Queue.of(open_project(project), env))
    if result:
        console.out(result.release.number)
