"""tandem release: release the sources' heads."""

from pipeline.cli.options import HERE, EnvOption, ProjectOption, WhyOption, open_session
from pipeline.core import console


def release(env: EnvOption, project: ProjectOption = HERE, why: WhyOption = "tandem release") -> None:
    """Build and release the heads of all sources as one unit.

    Does nothing if the heads are already running.
    """
    from pipeline.deploy.release import release as release_heads

    result = release_heads(open_session(project, env), why)
    print(result.release.number)
    if result.is_new:
        console.info(f"next: tandem check --env {env}")
    for note in result.notes():
        console.info(note, style="yellow")
