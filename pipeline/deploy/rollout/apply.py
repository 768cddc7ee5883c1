"""Put one release into effect and record what became of it."""

from collections.abc import Mapping
from typing import Any

from pipeline.aws.ecs import look
from pipeline.core import console, fault_points
from pipeline.core import platform as runtimes
from pipeline.core.errors import TandemError
from pipeline.deploy.manifest import Release, Weights
from pipeline.deploy.rollout import End
from pipeline.deploy.rollout.canary import Effect, Steps
from pipeline.deploy.rollout.recovery import Recovery
from pipeline.deploy.rollout.verdict import judge
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome
from pipeline.deploy.store.lock import Lease
from pipeline.terraform.runner import LockedError


def roll_out(session: Session, release: Release, lease: Lease, *, steps: Steps | None = None) -> None:
    """Make `release` what runs; TandemError if it is not, with the trail telling why.

    The API's traffic moves and new tasks are watched by `steps`; without them, by those of the settings.
    """
    store = session.store
    with fault_points.step("started"):
        store.record(release.number, Outcome.STARTED, release.why, token=lease.token)
    try:
        effect(session, release, lease).put(release, steps or _steps(session, release))
    except LockedError as error:
        # Going back would meet the same lock. What is applied already stays unfinished: the next run goes on.
        if session.release_root(release).output().get("release_number") != release.number:
            store.record(release.number, Outcome.FAILED, error.message, token=lease.token)
        raise
    except TandemError as error:
        raise _recovered(session, release, lease, error) from error
    with fault_points.step("succeed"):
        store.succeed(release.number, lease.token)
    console.info(f"   {release.title}: succeeded")


def _steps(session: Session, release: Release) -> Steps:
    api, before = session.project.settings.api, session.store.current()
    # Without other tasks there is nothing to watch; without a release before nothing to go back to.
    new = before is not None and before.task_definition != release.task_definition
    return Steps(api.canary, api.canary_seconds, session.bake_seconds if new else 0)


def _recovered(session: Session, release: Release, lease: Lease, error: TandemError) -> TandemError:
    """Go back to what ran before; the error to raise says what happened and what runs now."""
    lease.check()  # who has lost the lock changes nothing any more
    # What has no traffic yet may be what failed: going back does without it.
    platform = runtimes.serving(session.platform)
    recovery = Recovery(session.store, lease, lambda back: effect(session, back, lease, platform))
    restored = recovery.run(release, error.message)
    runs = f"{restored.title} runs again" if restored else "nothing ran before it"
    return TandemError(f"release {release.number} failed: {error.message}; {runs}", hint=error.hint)


def effect(
    session: Session, release: Release, lease: Lease, platform: Mapping[str, Any] | None = None
) -> Effect:
    """How `release` is put into effect here: by Terraform, and only while the lock is ours."""
    on = platform or runtimes.needed(session.platform)

    def apply(weights: Weights) -> Mapping[str, Any]:
        root = session.release_root(release, weights, on)
        with console.step("terraform apply: release"):
            root.apply()
        return root.output()

    return Effect(on, apply, lease.check)


def amiss(session: Session, release: Release) -> str:
    """What is wrong with `release` as it runs, for a sentence; empty if nothing is."""
    root, gone = session.release_root(release), "does not run any more: putting it back"
    outputs = root.output()
    if outputs.get("release_number") != release.number:
        return gone
    cluster = str(session.platform["cluster_name"])
    if not all(_stands(cluster, *service) for service in runtimes.services(outputs).items()):
        return gone
    return "runs, but not as Terraform would have it: applying it again" if root.plan().resources else ""


def _stands(cluster: str, service: str, revision: str) -> bool:
    try:
        seen = look(cluster, service)
    except TandemError:
        return False
    return judge(seen, revision, seen=True).end is End.SUCCEEDED
