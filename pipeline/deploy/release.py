"""The flow of one release, from the sources' heads to what runs: read it from top to bottom."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pipeline.aws import secrets
from pipeline.core import console, fault_points
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.deploy import ephemeral_storage as storage
from pipeline.deploy.compose import compose
from pipeline.deploy.manifest import Release
from pipeline.deploy.preflight import require, verify
from pipeline.deploy.retention import keep_images
from pipeline.deploy.rollout.apply import amiss, roll_out
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome, Store
from pipeline.deploy.store.lock import Lease
from pipeline.git.heads import heads
from pipeline.images.static import compact_static, compaction_due

_LOOKED_BACK = 10  # entries of the trail


@dataclass(frozen=True)
class Delivery:
    """The release that runs now, and whether it is a new one."""

    release: Release
    is_new: bool


def deliver(session: Session, why: str) -> Delivery:
    """Release the heads of all sources as one unit, unless that is what runs already.

    Level-based: what moved is found out here, under the lock, so a doubled or late call does no harm.
    """
    _ = session.platform  # without one there is nothing to release on: say so before anything is built
    with session.locked(why) as lease:
        with fault_points.step("heads"):
            commits = heads(session.project)
        running = session.store.current()
        images = session.builder().images(commits, running.images if running else {})
        with fault_points.step("compose"):
            release = _composed(session, commits, images, why)
        if running and running.content() == release.content() and not session.store.interrupted():
            return _kept(session, running, lease)
        with fault_points.step("verify"), console.step("verify"):
            require(verify(session.platform, release, proof=session.proof))
        numbered = _number_and_run(session, release, lease)
    _compact(session.project, numbered, running)
    return Delivery(numbered, is_new=True)


def _composed(
    session: Session, commits: Mapping[Source, Commit], images: Mapping[str, ImageRef], why: str
) -> Release:
    settings = session.project.settings
    return compose(
        settings,
        session.environment,
        session.platform,
        commits,
        images,
        why=why,
        app_secret_versions=secrets.versions(settings.task.secrets),
        api_secret_versions=secrets.versions(settings.api.secrets),
        storage_bytes=storage.needed(images, settings.task.layout),
    )


def _kept(session: Session, release: Release, lease: Lease) -> Delivery:
    """Nothing changed; but what is recorded as running may have been lost or changed by hand."""
    wrong = amiss(session, release)
    if not wrong:
        console.info(f"nothing changed: {release.title} runs already")
        return Delivery(release, is_new=False)
    console.info(f"-> {release.title} {wrong}")
    roll_out(session, release, lease)
    return Delivery(release, is_new=True)


def _number_and_run(session: Session, release: Release, lease: Lease) -> Release:
    with fault_points.step("number"):
        numbered = _unfinished(session.store, release) or session.store.add(
            replace(release, replaces=session.store.state().current)
        )
    console.info(f"-> {numbered.title}")
    keep_images(numbered)
    roll_out(session, numbered, lease)
    return numbered


def _compact(project: Project, release: Release, before: Release | None) -> None:
    """Once the release runs, give later builds a static image that hides little; no release fails for it."""
    image = release.images.get("static")
    if image is None or (before and before.images.get("static") == image):
        return
    try:
        reason = compaction_due(image)
        if reason:
            with console.step(f"compacting the static image: {reason}"):
                compact_static(project, image)
    except TandemError as error:
        console.info(f"the static image was not compacted: {error.message}", style="yellow")


def _unfinished(store: Store, release: Release) -> Release | None:
    """The newest release, if it is this one and was killed before its end was known."""
    latest = store.latest()
    if latest is None or latest.content() != release.content():
        return None
    ended = {entry.release for entry in store.trail(_LOOKED_BACK) if entry.outcome is not Outcome.STARTED}
    return None if latest.number in ended else latest
