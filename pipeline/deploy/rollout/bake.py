"""Watch new tasks for some seconds after the old ones are gone: healthy tasks can still answer 5xx, or end.

The load balancer's request counts, the alarms and ECS decide. On AWS the counts are one or two minutes late.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from pipeline.aws import cloudwatch
from pipeline.aws.access import Aws
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.platform import Platform
from pipeline.deploy.manifest import Release

TOLERATED = 0.05  # share of requests that may fail
_MIN_FAILED = 5  # fewer failed requests decide nothing
_BEFORE = timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)
_READINGS = 30  # at most so many in one watch
_NAMESPACE = "AWS/ApplicationELB"
_METRICS = ("RequestCount", "HTTPCode_Target_5XX_Count")


@dataclass(frozen=True)
class RequestCounts:
    """Requests to the targets, and the number of them answered with 5xx."""

    requests: float
    failed: float

    def after(self, before: Self) -> "RequestCounts":
        """The counts since `before`."""
        return RequestCounts(self.requests - before.requests, self.failed - before.failed)

    @property
    def share(self) -> float:
        """The share of failed requests, from 0 to 1."""
        return self.failed / self.requests if self.requests > 0 else 0.0

    @property
    def is_bad(self) -> bool:
        """Whether more requests failed than is tolerated."""
        return self.failed >= _MIN_FAILED and self.share > TOLERATED

    def __str__(self) -> str:
        return f"{self.failed:.0f} of {self.requests:.0f} requests with 5xx ({self.share:.0%})"


@dataclass(frozen=True)
class BakeMonitor:
    """Reads the counts of the app's target group; `check` is called before each reading and may raise.

    `ended` says why tasks have ended since its first call; an empty text if none have.
    """

    aws: Aws
    platform: Platform
    check: Callable[[], None]
    pause: Callable[[float], None] = time.sleep
    ended: Callable[[], str] = lambda: ""

    def watch(self, release: Release, seconds: float) -> None:
        """Watch for `seconds`; a site that failed as much before the release is not watched.

        Raises:
            TandemError: the tasks fail too many requests or end, or an alarm changes to state ALARM.
        """
        created_at = datetime.fromisoformat(release.created)
        before = self._counts(created_at - _BEFORE, created_at)
        if before.is_bad:
            console.info(
                f"   before the release the tasks already answered {before}: the new ones are not watched",
                "yellow",
            )
            return
        console.info(f"   watching the answers of the new tasks for {seconds:.0f} s")
        alarms, since = self._alarms(), datetime.now(UTC) - _MINUTE
        start, end = self._counts(since), time.monotonic() + seconds
        while True:
            self.check()
            self._judge(self._counts(since).after(start), self._alarms() - alarms, self.ended())
            if time.monotonic() >= end:
                return
            self.pause(min(max(1.0, seconds / _READINGS), max(0.0, end - time.monotonic())))

    @staticmethod
    def _judge(counts: RequestCounts, new_alarms: set[str], ended: str) -> None:
        if counts.is_bad:
            problem = f"the new tasks are healthy, but answer {counts}"
        elif ended:
            problem = f"the new tasks were healthy, but {ended}"
        elif new_alarms:
            problem = f"in state ALARM since the new tasks serve: {', '.join(sorted(new_alarms))}"
        else:
            return
        raise TandemError(problem, hint="fix the app and release again")

    def _alarms(self) -> set[str]:
        return cloudwatch.active_alarms(self.aws, self.platform.name)

    def _counts(self, since: datetime, until: datetime | None = None) -> RequestCounts:
        dimensions = {
            "LoadBalancer": self.platform.load_balancer_arn_suffix,
            "TargetGroup": self.platform.target_group_arn_suffixes["app"],
        }
        return RequestCounts(
            *cloudwatch.totals(
                self.aws,
                _NAMESPACE,
                _METRICS,
                dimensions,
                since=since,
                until=until or datetime.now(UTC) + _MINUTE,
            )
        )
