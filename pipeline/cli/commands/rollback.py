"""tandem rollback: back to a release that worked."""

from typing import Annotated

import typer

from pipeline.cli.options import HERE, DryRunOption, EnvOption, ProjectOption, open_project, session
from pipeline.core import console
from pipeline.deploy import plan
from pipeline.deploy.bridging import bridged
from pipeline.deploy.manifest import Release
from pipeline.deploy.preflight import require, verify
from pipeline.deploy.retention import keep_images
from pipeline.deploy.rollback import again, choose, done_before
from pipeline.deploy.rollout.apply import roll_out
from pipeline.deploy.rollout.canary import AT_ONCE
from pipeline.deploy.session import Session


def rollback(
    env: EnvOption,
    number: Annotated[
        int | None, typer.Argument(help="The release to repeat; without it, the last that succeeded before.")
    ] = None,
    project: ProjectOption = HERE,
    why: Annotated[str, typer.Option(help="For the audit trail.")] = "tandem rollback",
    dry_run: DryRunOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Repeat a release that succeeded, tasks and API both, as a new release."""
    at = session(open_project(project), env)
    if dry_run:
        print(_checked(at, number).number)
        return
    with at.locked(why) as lease:
        release = done_before(at.store, lease.cut_off) if number is None else None
        if release:
            console.info(f"{release.title} runs already: the run that went back to it was cut off after that")
        else:
            release = again(at.store, bridged(at, _checked(at, number)), why)
            keep_images(release)
            roll_out(at, release, lease, steps=AT_ONCE)
    print(release.number)
    console.info(f"next: tandem check --env {env}; the next push releases the sources' heads again")


def _checked(at: Session, number: int | None) -> Release:
    """The release to go back to, once everything it names was found in place."""
    target = choose(at.store, number)
    console.info(f"-> back to {target.title}")
    for change in plan.fields(at.store.current(), target):
        console.info(f"   {change}")
    require(verify(at.platform, target, proof=at.proof))
    return target
