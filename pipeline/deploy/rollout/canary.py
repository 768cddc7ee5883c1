"""Move the API's traffic to a new version of the function in steps, and watch each step."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.aws import cloudwatch
from pipeline.aws.access import Aws
from pipeline.core import console, timeline
from pipeline.core.errors import TandemError
from pipeline.core.plain_text import add_sentence
from pipeline.core.platform import AppliedRelease
from pipeline.core.steps import step
from pipeline.deploy.manifest import Weights
from pipeline.deploy.rollout.probe import ApiTarget, invoke, require_few_errors
from pipeline.records.run_record import NEW_CONTENT

ALL = 100
_EVERY = 1.0  # seconds between two probes at least
_PROBES = 30  # at most so many in one step


@dataclass(frozen=True)
class Pace:
    """How fast a release takes effect.

    `percents` are the steps of the API's traffic; each below 100 is watched for `seconds`. New tasks are
    watched for `bake` seconds after the old ones are gone. `is_immediate` moves the API's traffic with the
    first apply, without steps and before the new version was probed. `is_way_back` does not heed alarms: they
    ring because of what is replaced.
    """

    percents: tuple[int, ...] = (ALL,)
    seconds: int = 0
    bake: int = 0
    is_immediate: bool = False
    is_way_back: bool = False


@dataclass(frozen=True)
class Canary:
    """Shares the API's traffic between two versions.

    `apply` runs Terraform; `warm` starts instances of a version; `check` raises if the lock was lost.
    """

    aws: Aws
    api: ApiTarget
    alarm_prefix: str
    apply: Callable[[Weights], AppliedRelease]
    warm: Callable[[str], object]
    pace: Pace
    check: Callable[[], None]
    pause: Callable[[float], None]

    def shift(self, version: str, stable: str) -> None:
        """Give `version` the traffic that `stable` has.

        Raises: TandemError: the version failed its probe, its requests or an alarm; `stable` has all traffic
            again.
        """
        alarms, began = cloudwatch.active_alarms(self.aws, self.alarm_prefix), datetime.now(UTC)
        for percent in self.pace.percents:
            self.warm(version)
            console.info(f"   API: {percent} % of the traffic to version {version}")
            with step("canary" if percent < ALL else "all traffic"):
                self.apply(Weights(stable, percent) if percent < ALL else Weights())
            if percent == ALL:
                timeline.mark(NEW_CONTENT)
                return
            try:
                self._observe(version, alarms, began)
            except Exception as error:
                self.check()
                console.info(f"   API: back to version {stable}")
                self.apply(Weights(stable, 0))
                if not isinstance(error, TandemError):
                    raise
                raise TandemError(
                    add_sentence(error.message, f"it had {percent} % of the API's traffic, and has none now"),
                    hint="fix the API and release again",
                ) from error

    def _observe(self, version: str, alarms: set[str], began: datetime) -> None:
        """Probe the version and read its metrics for the pace's seconds; TandemError if it fails."""
        end, every = time.monotonic() + self.pace.seconds, max(_EVERY, self.pace.seconds / _PROBES)
        while True:
            self.check()
            invoke(self.aws, self.api, version, self.pause)
            require_few_errors(self.aws, self.api, version, began)
            new_alarms = cloudwatch.active_alarms(self.aws, self.alarm_prefix) - alarms
            if new_alarms and not self.pace.is_way_back:
                names = ", ".join(sorted(new_alarms))
                raise TandemError(f"in state ALARM since the API's traffic moved: {names}")
            if time.monotonic() >= end:
                return
            self.pause(min(every, max(0.0, end - time.monotonic())))
