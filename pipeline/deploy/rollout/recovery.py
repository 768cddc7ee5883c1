"""Return to the current release after a failed rollout or canary."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.core import console
from pipeline.core.errors import TandemError, error_reason
from pipeline.core.plain_text import add_sentence
from pipeline.core.steps import step
from pipeline.deploy.manifest import Release
from pipeline.deploy.store import Outcome, Store
from pipeline.deploy.store.lock import Lease


@dataclass(frozen=True)
class Recovery:
    """Puts the store's current release into effect again, by `run_release`."""

    store: Store
    lease: Lease
    run_release: Callable[[Release], None]

    def run(self, failed: Release, reason: str) -> Release | None:
        """Apply the current release again, and record that `failed` was rolled back.

        Returns the current release, or None if no release ever succeeded.

        Raises:
            TandemError: the current release fails as well.
        """
        current = self.store.current()
        if current is None:
            self._record(failed, Outcome.FAILED, reason)
            return None
        console.info(f"-> going back to {current.title}")
        try:
            with step("go back"):
                self.run_release(current)
        except Exception as error:
            problem = error_reason(error)
            self._record(
                failed,
                Outcome.FAILED,
                add_sentence(reason, f"going back to release {current.number} failed as well: {problem}"),
            )
            hint = error.hint if isinstance(error, TandemError) else ""
            raise TandemError(
                f"release {failed.number} failed, "
                f"and so did going back to release {current.number}: {problem}",
                hint=hint or "fix the cause and run the same command again",
            ) from error
        with step("rolled back"):
            self._record(
                failed, Outcome.ROLLED_BACK, add_sentence(reason, f"release {current.number} runs again")
            )
        return current

    def _record(self, failed: Release, outcome: Outcome, reason: str) -> None:
        self.store.record(failed.number, outcome, reason, token=self.lease.token)
