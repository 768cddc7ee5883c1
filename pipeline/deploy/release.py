"""The release verb: release the newest commit of each source. Read this file from top to bottom.

`release` builds, composes and checks the release before anything changes. `roll_out` puts it into effect and
records the outcome. `run_steps` are the steps of every rollout: of a release, a rollback and a recovery.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from pipeline.aws import secrets
from pipeline.core import console
from pipeline.core.errors import TandemError, error_reason
from pipeline.core.plain_text import add_sentence
from pipeline.core.steps import step
from pipeline.core.timeline import span
from pipeline.core.trigger import Trigger
from pipeline.core.values import Commit, ImageRef, Source
from pipeline.deploy import ephemeral_storage
from pipeline.deploy.approval import must_wait
from pipeline.deploy.attention import moved_heads
from pipeline.deploy.cause import Cause
from pipeline.deploy.compaction import compact_static_image
from pipeline.deploy.compose import compose
from pipeline.deploy.drift import drift_reason
from pipeline.deploy.manifest import Release
from pipeline.deploy.measured import Run, measured
from pipeline.deploy.numbering import with_number
from pipeline.deploy.read_ahead import read_ahead
from pipeline.deploy.release_result import ReleaseResult
from pipeline.deploy.retention import keep_images
from pipeline.deploy.rollout import Pace, Recovery, Rollout
from pipeline.deploy.selection import Choice, Selection, select
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome, Store
from pipeline.deploy.store.holds import Holds, remaining
from pipeline.deploy.store.lock import Lease
from pipeline.deploy.tried import failed_heads
from pipeline.terraform.failures import LockedError

_SAME = "changes nothing that a build reads: release {} runs already"


def release(
    session: Session,
    why: str,
    triggers: Sequence[Trigger] = (),
    *,
    may_remove: bool = False,
    retries: bool = True,
) -> ReleaseResult:
    """Release the heads of all sources as one unit, unless they run already.

    The heads are read under the lock, so repeated and late calls are harmless. A source on hold, or one that
    does not build, keeps its commit; the other sources are released. Heads that change nothing that a build
    reads make no release. `triggers` are the pushes that caused the call. A head that removes most of the
    content is left out unless it `may_remove` it. Unless the call `retries`, so is a head that failed in a
    release of its own and was not pushed again. At the end the console shows where the time went.

    Raises:
        TandemError: nothing that builds has moved, a check fails, or the rollout failed and was rolled back.
    """
    with measured(session, why) as run:
        return _release(session, Cause(why, triggers, may_remove, retries), run)


def _release(session: Session, cause: Cause, run: Run) -> ReleaseResult:
    why = cause.why
    _ = session.platform  # fail before anything is built if there is no platform
    with session.locked(why) as lease:
        run.token = lease.token
        with _refusal_recorded(session.store, why, lease):
            current, holds = session.store.current(), session.store.state().holds
            read_ahead(session)
            with step("heads"):
                heads = session.heads()
                tried = {} if cause.retries else failed_heads(session.store, heads, current, cause.pushed)
            selection = select(session, Choice(heads, holds, tried, cause.may_remove), current)
            with step("compose"), selection.named_in_errors():
                composed = compose_release(
                    session, selection.commits, selection.images, why, selection.left_out
                )
                candidate = replace(composed, triggers=tuple(cause.triggers))
            is_old = current is not None and current.runs_as(candidate)
            if current and is_old and not session.store.interrupted():
                if selection.error:
                    raise selection.error
                same = _note_same(session.store, current, candidate, lease)
                return _keep_running(session, current, lease, replace(selection, same=same), run)
            with step("verify", message="verify"), selection.named_in_errors():
                session.preflight.require(candidate, session.project.settings)
        with step("number"):
            numbered = with_number(session.store, candidate)
        run.release = numbered.number
        result = ReleaseResult(numbered, is_new=True, held=selection.held, failed=selection.failed)
        console.info("\n".join([f"-> {numbered.title}", *(f"   {note}" for note in result.notes())]))
        keep_images(numbered)
        if must_wait(session, numbered, lease):
            return replace(result, is_new=False, waits=True)
        roll_out(session, numbered, lease, holds=remaining(holds, numbered.commits))
    compact_static_image(session.project, numbered, current)
    return result


def roll_out(
    session: Session,
    release: Release,
    lease: Lease,
    pace: Pace | None = None,
    *,
    holds: Holds | None = None,
) -> None:
    """Put `release` into effect, at `pace` or else that of the settings, and record the outcome.

    If it succeeds, `holds` become the environment's; None: they stay.

    Raises:
        TandemError: it failed; the previous release runs again, or the message says why not.
    """
    store = session.store
    with step("started"):
        store.record(release.number, Outcome.STARTED, _reason(release), token=lease.token)
    try:
        run_steps(session.rollout(release, lease.check, pace or _pace(session, release)))
    except LockedError as error:
        # Recovery would meet the same lock. If the release is applied already, the next run finishes it.
        if not _may_be_applied(session, release):
            store.record(release.number, Outcome.FAILED, error.message, token=lease.token)
        raise
    except Exception as error:
        raise _recovered(session, release, lease, error) from error
    with step("succeed"):
        store.succeed(release.number, lease.token, holds=holds)
    console.info(f"   {release.title}: succeeded")


def _may_be_applied(session: Session, release: Release) -> bool:
    """Whether Terraform has applied something of `release`; True if its outputs cannot be read."""
    try:
        applied = session.applied(release)
    except TandemError:
        return True
    return applied is not None and applied.release_number == release.number


def run_steps(rollout: Rollout) -> None:
    """The steps that put a release into effect; each raises TandemError if it fails."""
    applied = rollout.apply()  # Terraform; a new version of the function gets no traffic yet
    rollout.probe(applied)  # invokes the new version directly
    rollout.watch(applied)  # waits until ECS runs the released revision only
    rollout.bake(applied)  # watches the new tasks for a while
    rollout.shift_api_traffic(applied)  # the canary: moves the API's traffic in steps
    rollout.confirm(applied)  # the function behind the alias is the released one


def compose_release(
    session: Session,
    commits: Mapping[Source, Commit],
    images: Mapping[str, ImageRef],
    why: str,
    left_out: Mapping[str, str] | None = None,
) -> Release:
    """The release of `commits` with `images` on this environment's platform, still without a number.

    `left_out` says for each source whose head is not in it why.

    Raises:
        TandemError: a secret is missing, or the task definition breaks a rule of Fargate.
    """
    settings = session.project.settings
    release = compose(
        settings,
        session.environment,
        session.platform,
        commits,
        images,
        why=why,
        app_secret_versions=secrets.versions(session.aws, settings.task.secrets),
        api_secret_versions=secrets.versions(session.aws, settings.api_secrets),
        storage_bytes=ephemeral_storage.needed(images, settings.task.layout),
    )
    return replace(release, left_out=dict(left_out or {}))


def _recovered(session: Session, release: Release, lease: Lease, error: Exception) -> TandemError:
    """Return to the previous release; returns the error to raise, which names cause and current release."""
    lease.check()  # a run that has lost the lock must not change anything
    reason = error_reason(error)
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
    return TandemError(add_sentence(f"release {release.number} failed: {reason}", runs), hint=hint)


def _keep_running(
    session: Session, release: Release, lease: Lease, selection: Selection, run: Run
) -> ReleaseResult:
    """Nothing is new: apply the current release again if it has stopped or was changed by hand."""
    result = ReleaseResult(
        release, is_new=True, held=selection.held, failed=selection.failed, same=selection.same
    )
    with span("drift"):
        reason = drift_reason(session, release)
    if not reason:
        console.info(f"nothing changed: {release.title} runs already")
        return replace(result, is_new=False)
    console.info(f"-> {release.title} {reason}")
    run.release = release.number
    roll_out(session, release, lease)
    return result


def _note_same(store: Store, current: Release, candidate: Release, lease: Lease) -> dict[Source, str]:
    """Record the heads that make no release, once; returns why for each of their sources."""
    heads = moved_heads(current, candidate.commits)
    if store.set_same({source: head.id for source, head in heads.items()}, lease.token) and heads:
        moved = ", ".join(f"{source} {head.short}" for source, head in sorted(heads.items()))
        reason = f"{candidate.why}: {moved} changes nothing that a build reads"
        store.record(0, Outcome.SKIPPED, reason, token=lease.token)
    return {source: f"{head.short} {_SAME.format(current.number)}" for source, head in heads.items()}


@contextmanager
def _refusal_recorded(store: Store, why: str, lease: Lease) -> Iterator[None]:
    """Record in the trail why nothing was released, if the block fails."""
    try:
        yield
    except TandemError as error:
        with suppress(TandemError):  # the store may be what failed
            store.record(0, Outcome.REFUSED, f"{why}: {error.message}", token=lease.token)
        raise


def _reason(release: Release) -> str:
    return "; ".join([release.why, *(f"{source} {why}" for source, why in sorted(release.left_out.items()))])


def _pace(session: Session, release: Release) -> Pace:
    api, current = session.project.settings.api, session.store.current()
    # Unchanged tasks need no watch, and a first release has nothing to return to.
    has_new_tasks = current is not None and current.task_definition != release.task_definition
    return Pace(api.canary, session.canary_seconds, session.bake_seconds if has_new_tasks else 0)
