"""The release verb: release the newest commit of each source. Read this file from top to bottom.

`release` builds, composes and checks the release before anything changes. `roll_out` puts it into effect and
records the outcome. `run_steps` are the steps of every rollout: of a release, a rollback and a recovery.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pipeline.aws import secrets
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.steps import step
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.deploy import ephemeral_storage
from pipeline.deploy.compaction import compact_static_image
from pipeline.deploy.compose import compose
from pipeline.deploy.drift import drift_reason
from pipeline.deploy.manifest import Release
from pipeline.deploy.retention import keep_images
from pipeline.deploy.rollout import Pace, Recovery, Rollout
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome, Store
from pipeline.deploy.store.lock import Lease
from pipeline.terraform.failures import LockedError

_RECENT = 10  # newest entries of the trail


@dataclass(frozen=True)
class ReleaseResult:
    """The current release, and whether this run has applied it."""

    release: Release
    is_new: bool


def release(session: Session, why: str) -> ReleaseResult:
    """Release the heads of all sources as one unit, unless they run already.

    The heads are read under the lock, so repeated and late calls are harmless.

    Raises:
        TandemError: a source does not build, a check fails, or the rollout failed and was rolled back.
    """
    _ = session.platform  # fail before anything is built if there is no platform
    with session.locked(why) as lease:
        with step("heads"):
            commits = session.heads()
        current = session.store.current()
        images = session.builder().images(commits, current.images if current else {})
        with step("compose"):
            candidate = compose_release(session, commits, images, why)
        if current and current.content() == candidate.content() and not session.store.interrupted():
            return _keep_running(session, current, lease)
        with step("verify", message="verify"):
            session.preflight.require(candidate, session.project.settings)
        with step("number"):
            numbered = _unfinished(session.store, candidate) or _numbered(session.store, candidate)
        console.info(f"-> {numbered.title}")
        keep_images(numbered)
        roll_out(session, numbered, lease)
    compact_static_image(session.project, numbered, current)
    return ReleaseResult(numbered, is_new=True)


def roll_out(session: Session, release: Release, lease: Lease, pace: Pace | None = None) -> None:
    """Put `release` into effect, at `pace` or else that of the settings, and record the outcome.

    Raises:
        TandemError: it failed; the previous release runs again, or the message says why not.
    """
    store = session.store
    with step("started"):
        store.record(release.number, Outcome.STARTED, release.why, token=lease.token)
    try:
        run_steps(session.rollout(release, lease.check, pace or _pace(session, release)))
    except LockedError as error:
        # Recovery would meet the same lock. If the release is applied already, the next run finishes it.
        applied = session.applied(release)
        if applied is None or applied.release_number != release.number:
            store.record(release.number, Outcome.FAILED, error.message, token=lease.token)
        raise
    except Exception as error:
        raise _recovered(session, release, lease, error) from error
    with step("succeed"):
        store.succeed(release.number, lease.token)
    console.info(f"   {release.title}: succeeded")


def run_steps(rollout: Rollout) -> None:
    """The steps that put a release into effect; each raises TandemError if it fails."""
    applied = rollout.apply()  # Terraform; a new version of the function gets no traffic yet
    rollout.probe(applied)  # invokes the new version directly
    rollout.watch(applied)  # waits until ECS runs the released revision only
    rollout.bake()  # watches the answers of the new tasks for a while
    rollout.shift_api_traffic(applied)  # the canary: moves the API's traffic in steps


def compose_release(
    session: Session, commits: Mapping[Source, Commit], images: Mapping[str, ImageRef], why: str
) -> Release:
    """The release of `commits` with `images` on this environment's platform, still without a number.

    Raises:
        TandemError: a secret is missing, or the task definition breaks a rule of Fargate.
    """
    settings = session.project.settings
    return compose(
        settings,
        session.environment,
        session.platform,
        commits,
        images,
        why=why,
        app_secret_versions=secrets.versions(session.aws, settings.task.secrets),
        api_secret_versions=secrets.versions(session.aws, settings.api.secrets),
        storage_bytes=ephemeral_storage.needed(images, settings.task.layout),
    )


def _recovered(session: Session, release: Release, lease: Lease, error: Exception) -> TandemError:
    """Return to the previous release; returns the error to raise, which names cause and current release."""
    lease.check()  # a run that has lost the lock must not change anything
    reason = error.message if isinstance(error, TandemError) else f"{type(error).__name__}: {error}"
    # A runtime without traffic may have caused the failure, so recovery leaves it out.
    platform = session.platform.with_traffic()
    recovery = Recovery(
        session.store,
        lease,
        lambda previous: run_steps(session.rollout(previous, lease.check, platform=platform)),
    )
    restored = recovery.run(release, reason)
    runs = f"{restored.title} runs again" if restored else "nothing ran before it"
    hint = error.hint if isinstance(error, TandemError) else "TANDEM_DEBUG=1 shows the traceback"
    return TandemError(f"release {release.number} failed: {reason}; {runs}", hint=hint)


def _keep_running(session: Session, release: Release, lease: Lease) -> ReleaseResult:
    """Nothing is new: apply the current release again if it has stopped or was changed by hand."""
    reason = drift_reason(session, release)
    if not reason:
        console.info(f"nothing changed: {release.title} runs already")
        return ReleaseResult(release, is_new=False)
    console.info(f"-> {release.title} {reason}")
    roll_out(session, release, lease)
    return ReleaseResult(release, is_new=True)


def _pace(session: Session, release: Release) -> Pace:
    api, current = session.project.settings.api, session.store.current()
    # Unchanged tasks need no watch, and a first release has nothing to return to.
    has_new_tasks = current is not None and current.task_definition != release.task_definition
    return Pace(api.canary, api.canary_seconds, session.bake_seconds if has_new_tasks else 0)


def _numbered(store: Store, candidate: Release) -> Release:
    return store.add(replace(candidate, replaces=store.state().current))


def _unfinished(store: Store, candidate: Release) -> Release | None:
    """The newest release, if it has the same content and its run was killed before the end."""
    latest = store.latest()
    if latest is None or latest.content() != candidate.content():
        return None
    ended = {entry.release for entry in store.trail(_RECENT) if entry.outcome is not Outcome.STARTED}
    return None if latest.number in ended else latest
