"""Why a release is made, and what it may do."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.core.trigger import RECONCILE, Trigger
from pipeline.core.values import Source


@dataclass(frozen=True)
class Cause:
    """`why` and `triggers` are recorded with the release.

    It `may_remove` most of the content. If it `retries`, heads that were rolled back before are tried again.
    """

    why: str
    triggers: Sequence[Trigger]
    may_remove: bool
    retries: bool

    @property
    def pushed(self) -> set[Source]:
        """The sources that somebody pushed to; a schedule's triggers are no push."""
        return {each.source for each in self.triggers if each.source and each.way != RECONCILE}
