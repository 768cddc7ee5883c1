"""The rollback verb: an earlier release runs again, tasks and API, under a new number."""

from collections.abc import Callable
from dataclasses import replace

from pipeline.core import console
from pipeline.core.audit import author, now
from pipeline.core.errors import TandemError
from pipeline.core.steps import step
from pipeline.deploy.bridging import with_bridges
from pipeline.deploy.changes import changed_fields
from pipeline.deploy.manifest import Release
from pipeline.deploy.measured import Run, measured
from pipeline.deploy.release import roll_out
from pipeline.deploy.retention import keep_images
from pipeline.deploy.rollout import Pace
from pipeline.deploy.session import Session
from pipeline.deploy.store import Outcome, Store
from pipeline.deploy.store.holds import Hold, Holds, after_rollback

_STEPS = (10, 100)  # percent of the API's traffic
_SECONDS = 2  # for each step


def rollback(session: Session, number: int | None, why: str) -> Release:
    """Repeat release `number`, or the last that succeeded before the current one; returns the new release.

    The sources whose commits change are on hold after that: the next release would bring their heads back.
    At the end the console shows where the time went.

    Raises:
        TandemError: there is nothing to go back to, a check fails, or the rollout failed.
    """
    with measured(session, why) as run:
        return _rollback(session, number, why, run)


def _rollback(session: Session, number: int | None, why: str, run: Run) -> Release:
    with session.locked(why) as lease:
        run.token = lease.token
        current = already_rolled_back(session.store, lease.cut_off) if number is None else None
        if current:
            console.info(f"{current.title} runs already: an earlier run was killed after the rollback")
            return current
        target = check_target(session, number)
        holds = holds_after(session.store, target, why)
        with step("number"):
            release = repeat_release(session.store, with_bridges(session, target), why)
        run.release = release.number
        keep_images(release)
        roll_out(session, release, lease, _pace(session), holds=holds)
        for hold in active(holds, release):
            console.info(f"   {hold.commit.source} is {hold.describe(session.environment)}")
        return release


def _pace(session: Session) -> Pace:
    """A short canary: visitors must not wait while the old version of the API starts its instances."""
    return Pace(_STEPS, min(_SECONDS, session.canary_seconds), is_way_back=True)


def holds_after(store: Store, target: Release, why: str) -> Holds:
    """The holds of the sources once `target` runs again."""
    current, state = store.current(), store.state()
    return after_rollback(state.holds, current.commits if current else {}, target.commits, why, state.same)


def active(holds: Holds, release: Release) -> list[Hold]:
    """The holds that keep a source at its commit in `release`."""
    return [hold for source, hold in sorted(holds.items()) if release.commits.get(source) == hold.commit]


def check_target(session: Session, number: int | None) -> Release:
    """The release to go back to; TandemError if there is none, or if it fails a preflight check."""
    target = choose_target(session.store, number, console.info)
    console.info(f"-> back to {target.title}")
    for change in changed_fields(session.store.current(), target):
        console.info(f"   {change}")
    session.preflight.require(target)
    return target


def choose_target(
    store: Store, number: int | None = None, tell: Callable[[str], None] = lambda _: None
) -> Release:
    """The release to go back to: `number`, or the last that succeeded before the current one.

    Raises:
        TandemError: there is none, or `number` never succeeded: the previous number may be a failed release.
    """
    succeeded = {entry.release for entry in store.trail() if entry.outcome is Outcome.SUCCEEDED}
    if number is None:
        number = _previous(store, succeeded, tell)
    if number is None:
        raise TandemError(
            "there is nothing to go back to: no earlier release that runs something else succeeded in "
            f"{store.environment}",
            hint=f"tandem history --env {store.environment}",
        )
    release = store.get(number)
    if number not in succeeded:
        raise TandemError(
            f"release {number} never succeeded in {store.environment}",
            hint=f"`tandem releases`; these did: {', '.join(map(str, sorted(succeeded))) or 'none'}",
        )
    return release


def already_rolled_back(store: Store, cut_off: int) -> Release | None:
    """The current release, if the killed run with lock token `cut_off` had rolled back to it; else None.

    To repeat the killed command must not roll back twice.
    """
    last = store.last()
    if last is None or not cut_off or (last.token, last.outcome) != (cut_off, Outcome.SUCCEEDED):
        return None
    release = store.get(last.release)
    return release if release.restores and store.state().current == release.number else None


def repeat_release(store: Store, release: Release, why: str) -> Release:
    """Store a copy of `release` under a new number."""
    return store.add(
        replace(
            release,
            number=0,
            replaces=store.state().current,
            restores=release.restores or release.number,
            created=now(),
            author=author(),
            why=why,
            left_out={},
            triggers=(),
        )
    )


def _previous(store: Store, succeeded: set[int], tell: Callable[[str], None]) -> int | None:
    """The last release that succeeded, runs something else, and has no commit that was rolled back."""
    current = store.current()
    if current is None:
        return None
    # A second rollback goes further back, instead of to and fro.
    limit = min(current.number, current.restores or current.number)
    holds = store.state().holds
    for number in sorted((number for number in succeeded if number < limit), reverse=True):
        release = store.get(number)
        if release.restores is not None or _has_avoided(release, holds):
            continue
        if changed_fields(current, release):
            return number
        tell(f"   release {number} runs the same: going back to it changes nothing")
    return None


def _has_avoided(release: Release, holds: Holds) -> bool:
    commits = release.commits
    return any(source in commits and commits[source].id in hold.avoid for source, hold in holds.items())
