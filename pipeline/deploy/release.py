"""The release verb: one commit of each source becomes what runs. Read it from top to bottom.

`release` finds out what is to run and checks it before anything changes; `roll_out` makes it run and records
what became of it; `run_steps` is how any release takes effect, forwards, backwards and after a failure.
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

_RECENT = 10  # entries of the trail


@dataclass(frozen=True)
class ReleaseResult:
    """The release that runs now, and whether this run made it run."""

    release: Release
    is_new: bool


def release(session: Session, why: str) -> ReleaseResult:
    """Release the heads of all sources as one unit, unless that is what runs already.

    The heads are read under the lock, so a repeated or late call does no harm.

    Raises:
        TandemError: a source does not build, a check fails, or the rollout failed and was rolled back.
    """
    _ = session.platform  # without one there is nothing to release on: say so before anything is built
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
            session.preflight.require(candidate)
        with step("number"):
            numbered = _unfinished(session.store, candidate) or _numbered(session.store, candidate)
        console.info(f"-> {numbered.title}")
        keep_images(numbered)
        roll_out(session, numbered, lease)
    compact_static_image(session.project, numbered, current)
    return ReleaseResult(numbered, is_new=True)


def roll_out(session: Session, release: Release, lease: Lease, pace: Pace | None = None) -> None:
    """Make `release` what runs, at `pace` or else at that of the settings, and record its outcome.

    Raises:
        TandemError: it failed; what ran before runs again, or the message says why it does not.
    """
    store = session.store
    with step("started"):
        store.record(release.number, Outcome.STARTED, release.why, token=lease.token)
    try:
        run_steps(session.rollout(release, lease.check, pace or _pace(session, release)))
    except LockedError as error:
        # Going back would meet the same lock. What is applied already stays unfinished: the next run goes on.
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
    """What puts a release into effect, in this order; a step raises TandemError where it does not do well."""
    applied = rollout.apply()  # Terraform; a new version of the function gets no traffic yet
    rollout.probe(applied)  # the new version answers on its own
    rollout.watch(applied)  # ECS runs the released revision, and nothing else
    rollout.bake()  # its tasks answer visitors well for a while
    rollout.shift_api_traffic(applied)  # the canary: the API's traffic moves step by step


def compose_release(
    session: Session, commits: Mapping[Source, Commit], images: Mapping[str, ImageRef], why: str
) -> Release:
    """The release of `commits` with `images` on this environment's platform, not numbered yet.

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
    """Go back to what ran before; the error to raise says what happened and what runs now."""
    lease.check()  # a run that has lost the lock changes nothing any more
    reason = error.message if isinstance(error, TandemError) else f"{type(error).__name__}: {error}"
    # A runtime without traffic may be what failed: going back does without it.
    platform = session.platform.with_traffic()
    recovery = Recovery(
        session.store,
        lease,
        lambda previous: run_steps(session.rollout(previous, lease.check, platform=platform)),
    )
    restored = recovery.run(release, reason)
    runs = f"{restored.title} runs again" if restored else "nothing ran before it"
    hint = error.hint if isinstance(error, TandemError) else "TANDEM_DEBUG=1 shows where it happens"
    return TandemError(f"release {release.number} failed: {reason}; {runs}", hint=hint)


def _keep_running(session: Session, release: Release, lease: Lease) -> ReleaseResult:
    """Nothing changed; but what is recorded as running may have been lost or changed by hand."""
    reason = drift_reason(session, release)
    if not reason:
        console.info(f"nothing changed: {release.title} runs already")
        return ReleaseResult(release, is_new=False)
    console.info(f"-> {release.title} {reason}")
    roll_out(session, release, lease)
    return ReleaseResult(release, is_new=True)


def _pace(session: Session, release: Release) -> Pace:
    api, current = session.project.settings.api, session.store.current()
    # Without other tasks there is nothing to watch; without a release before nothing to go back to.
    has_new_tasks = current is not None and current.task_definition != release.task_definition
    return Pace(api.canary, api.canary_seconds, session.bake_seconds if has_new_tasks else 0)


def _numbered(store: Store, candidate: Release) -> Release:
    return store.add(replace(candidate, replaces=store.state().current))


def _unfinished(store: Store, candidate: Release) -> Release | None:
    """The newest release, if it is this one and was killed before its end was known."""
    latest = store.latest()
    if latest is None or latest.content() != candidate.content():
        return None
    ended = {entry.release for entry in store.trail(_RECENT) if entry.outcome is not Outcome.STARTED}
    return None if latest.number in ended else latest
