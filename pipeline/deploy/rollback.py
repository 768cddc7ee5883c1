"""Go back to a release that worked: as a new release, checked first, tasks and API both."""

from dataclasses import replace

from pipeline.core import fault_points
from pipeline.core.audit import author, now
from pipeline.core.errors import TandemError
from pipeline.deploy.manifest import Release
from pipeline.deploy.store import Outcome, Store


def choose(store: Store, number: int | None = None) -> Release:
    """The release to go back to: `number`, or the last that succeeded before the current one.

    TandemError if it never succeeded: "the previous number" may be what broke.
    """
    succeeded = {entry.release for entry in store.trail() if entry.outcome is Outcome.SUCCEEDED}
    if number is None:
        current = store.state().current
        restored = store.get(current).restores if current else None
        # Twice in a row goes on backwards, instead of to and fro.
        beyond = min((known for known in (current, restored) if known), default=0)
        number = max(
            (known for known in succeeded if known < beyond and not _restoring(store, known)), default=None
        )
    if number is None:
        raise TandemError(
            f"there is nothing to go back to: no earlier release succeeded in {store.environment}",
            hint="tandem history shows what happened",
        )
    release = store.get(number)
    if number not in succeeded:
        raise TandemError(
            f"release {number} never succeeded in {store.environment}",
            hint=f"tandem releases shows those that did: {', '.join(map(str, sorted(succeeded))) or 'none'}",
        )
    return release


def _restoring(store: Store, number: int) -> bool:
    return store.get(number).restores is not None


def done_before(store: Store, cut_off: int) -> Release | None:
    """The release that the run with token `cut_off` went back with, if it had succeeded by then and runs.

    Whoever repeats the command that was cut off wants that, not to go back once more.
    """
    last = store.last()
    if last is None or not cut_off or (last.token, last.outcome) != (cut_off, Outcome.SUCCEEDED):
        return None
    release = store.get(last.release)
    return release if release.restores and store.state().current == release.number else None


def again(store: Store, release: Release, why: str) -> Release:
    """`release` as a new, numbered release that runs the same."""
    with fault_points.step("number"):
        return store.add(
            replace(
                release,
                number=0,
                replaces=store.state().current,
                restores=release.restores or release.number,
                created=now(),
                author=author(),
                why=why,
            )
        )
