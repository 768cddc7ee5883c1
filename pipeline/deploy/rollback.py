"""Go back to a release that worked: as a new release, checked first, tasks and API both."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.core import fault_points as faults
from pipeline.core.console import say
from pipeline.core.errors import TandemError
from pipeline.deploy.compose import author, now
from pipeline.deploy.manifest import Release
from pipeline.deploy.rollout.canary import Effect
from pipeline.deploy.store import Outcome, Store
from pipeline.deploy.store.lock import Lease


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
            mend="tandem history shows what happened",
        )
    release = store.get(number)
    if number not in succeeded:
        raise TandemError(
            f"release {number} never succeeded in {store.environment}",
            mend=f"tandem releases shows those that did: {', '.join(map(str, sorted(succeeded))) or 'none'}",
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
    with faults.step("number"):
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


@dataclass(frozen=True)
class Recovery:
    """What goes back by itself when a rollout or canary fails; `effect` makes the way to apply a release."""

    store: Store
    lease: Lease
    effect: Callable[[Release], Effect]

    def run(self, failed: Release, reason: str) -> Release | None:
        """Apply what is current again, and record that `failed` was rolled back.

        None if nothing ever succeeded, so that there is nothing to go back to. TandemError if going back
        failed as well.
        """
        current = self.store.current()
        if current is None:
            self.store.record(failed.number, Outcome.FAILED, reason, token=self.lease.token)
            return None
        say(f"-> going back to {current.title}")
        try:
            with faults.step("go back"):
                self.effect(current).put(current)
        except TandemError as error:
            told = f"{reason}; going back to release {current.number} failed as well: {error.message}"
            self.store.record(failed.number, Outcome.FAILED, told, token=self.lease.token)
            raise TandemError(
                f"release {failed.number} failed, and so did going back to release {current.number}: "
                f"{error.message}",
                mend=error.mend or "mend the cause and run the same command again",
            ) from error
        told = f"{reason}; release {current.number} runs again"
        with faults.step("rolled back"):
            self.store.record(failed.number, Outcome.ROLLED_BACK, told, token=self.lease.token)
        return current
