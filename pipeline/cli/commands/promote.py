"""tandem promote: release what another environment runs."""

from pipeline.cli.options import HERE, EnvOption, ProjectOption, WhyOption, open_project, open_session
from pipeline.core import console
from pipeline.core.errors import TandemError


def promote(env: EnvOption, project: ProjectOption = HERE, why: WhyOption = "") -> None:
    """Release what the environment that this one follows runs: the same digests, never a rebuild.

    An environment follows another with `follows` in tandem.toml; `tandem release` and triggers then do the
    same. Images are copied between repositories byte for byte. Approval and holds apply as for any release.
    """
    from pipeline.triggers.queue import Queue
    from pipeline.triggers.reconcile import release_all

    session = open_session(project, env)
    if not session.gates.follows:
        raise TandemError(
            f"{env} follows no environment",
            hint=f'set follows = "dev" in [environments.{env}] of tandem.toml',
        )
    release = session.followed
    reason = f"promote release {release.number} of {release.environment}{f': {why}' if why else ''}"
    result = release_all(session, Queue.of(open_project(project), env), reason)
    console.out(result.release.number)
    if result.is_new:
        console.info(f"next: tandem check --env {env}")
