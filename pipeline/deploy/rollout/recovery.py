"""Go back by itself when a rollout fails."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.core import console, fault_points
from pipeline.core.errors import TandemError
from pipeline.deploy.manifest import Release
from pipeline.deploy.rollout.canary import Effect
from pipeline.deploy.store import Outcome, Store
from pipeline.deploy.store.lock import Lease


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
        console.info(f"-> going back to {current.title}")
        try:
            with fault_points.step("go back"):
                self.effect(current).put(current)
        except TandemError as error:
            told = f"{reason}; going back to release {current.number} failed as well: {error.message}"
            self.store.record(failed.number, Outcome.FAILED, told, token=self.lease.token)
            raise TandemError(
                f"release {failed.number} failed, and so did going back to release {current.number}: "
                f"{error.message}",
                hint=error.hint or "fix the cause and run the same command again",
            ) from error
        told = f"{reason}; release {current.number} runs again"
        with fault_points.step("rolled back"):
            self.store.record(failed.number, Outcome.ROLLED_BACK, told, token=self.lease.token)
        return current
