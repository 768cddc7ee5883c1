"""tandem rollback: back to a release that succeeded."""

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import HERE, DryRunOption, EnvOption, ProjectOption, WhyOption, open_session
from pipeline.core import console

if TYPE_CHECKING:
    from pipeline.deploy.manifest import Release
    from pipeline.deploy.session import Session
    from pipeline.deploy.store.lock import Lease


def rollback(
    env: EnvOption,
    number: Annotated[
        int | None,
        typer.Argument(help="The release to repeat.  [default: the last that succeeded before the current]"),
    ] = None,
    project: ProjectOption = HERE,
    why: WhyOption = "tandem rollback",
    dry_run: DryRunOption = False,  # noqa: FBT002 - a flag
) -> None:
    """Repeat an earlier successful release as a new release.

    Tasks and API go back together. Everything that the release names is verified before anything changes.
    """
    session = open_session(project, env)
    if dry_run:
        print(_verified_target(session, number).number)
        return
    with session.locked(why) as lease:
        release = _roll_back(session, lease, number, why)
    print(release.number)
    console.info(f"next: tandem check --env {env}; the next push releases the sources' heads again")


def _roll_back(session: "Session", lease: "Lease", number: int | None, why: str) -> "Release":
    from pipeline.deploy.bridging import bridged
    from pipeline.deploy.retention import keep_images
    from pipeline.deploy.rollback import again, done_before
    from pipeline.deploy.rollout.apply import roll_out
    from pipeline.deploy.rollout.canary import AT_ONCE

    finished = done_before(session.store, lease.cut_off) if number is None else None
    if finished:
        console.info(f"{finished.title} runs already: the earlier rollback was interrupted after its success")
        return finished
    release = again(session.store, bridged(session, _verified_target(session, number)), why)
    keep_images(release)
    roll_out(session, release, lease, steps=AT_ONCE)
    return release


def _verified_target(session: "Session", number: int | None) -> "Release":
    """The release to go back to; TandemError if anything that it names is missing."""
    from pipeline.deploy import plan
    from pipeline.deploy.preflight import require, verify
    from pipeline.deploy.rollback import choose

    target = choose(session.store, number)
    console.info(f"-> back to {target.title}")
    for change in plan.fields(session.store.current(), target):
        console.info(f"   {change}")
    require(verify(session.platform, target, proof=session.proof))
    return target
