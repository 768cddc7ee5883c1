"""Watch new tasks for some seconds once they serve alone: a healthy task can still fail its visitors.

The load balancer's counts tell, and the alarms. On AWS the counts come one or two minutes late.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from pipeline.aws import cloudwatch
from pipeline.aws.client import Aws
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.platform import Platform
from pipeline.deploy.manifest import Release

TOLERATED = 0.05  # of the requests may fail
_FEWEST = 5  # failed requests that say something
_BEFORE = timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)
_LOOKS = 30
_NAMESPACE = "AWS/ApplicationELB"
_COUNTED = ("RequestCount", "HTTPCode_Target_5XX_Count")


@dataclass(frozen=True)
class RequestCounts:
    """Requests that targets got, and those of them that they answered with 5xx."""

    requests: float
    failed: float

    def after(self, before: Self) -> "RequestCounts":
        return RequestCounts(self.requests - before.requests, self.failed - before.failed)

    @property
    def share(self) -> float:
        return self.failed / self.requests if self.requests > 0 else 0.0

    @property
    def is_bad(self) -> bool:
        return self.failed >= _FEWEST and self.share > TOLERATED

    def __str__(self) -> str:
        return f"{self.failed:.0f} of {self.requests:.0f} requests with 5xx ({self.share:.0%})"


@dataclass(frozen=True)
class BakeMonitor:
    """The app's target group, by CloudWatch's names, and what may stop the watch (a lost lock)."""

    aws: Aws
    platform: Platform
    check: Callable[[], None]
    pause: Callable[[float], None] = time.sleep

    def watch(self, release: Release, seconds: float) -> None:
        """TandemError if the tasks fail too many requests within `seconds`, or an alarm begins to ring.

        A site that failed as much before the release says nothing about it: this may be what fixes it.
        """
        created = datetime.fromisoformat(release.created)
        before = self._counts(created - _BEFORE, created)
        if before.is_bad:
            console.info(
                f"   before the release the tasks answered {before}: they are not judged by that", "yellow"
            )
            return
        console.info(f"   watching what the new tasks answer for {seconds:.0f} s")
        ringing, since = self._alarms(), datetime.now(UTC) - _MINUTE
        start, end = self._counts(since), time.monotonic() + seconds
        while True:
            self.check()
            self._judge(self._counts(since).after(start), self._alarms() - ringing)
            if time.monotonic() >= end:
                return
            self.pause(min(max(1.0, seconds / _LOOKS), max(0.0, end - time.monotonic())))

    @staticmethod
    def _judge(answered: RequestCounts, ringing: set[str]) -> None:
        if answered.is_bad:
            problem = f"the new tasks are healthy, and answer {answered}"
        elif ringing:
            problem = f"alarms ring since the new tasks serve: {', '.join(sorted(ringing))}"
        else:
            return
        raise TandemError(problem, hint="fix the app and release again")

    def _alarms(self) -> set[str]:
        return cloudwatch.active_alarms(self.aws, self.platform.name)

    def _counts(self, since: datetime, until: datetime | None = None) -> RequestCounts:
        where = {
            "LoadBalancer": self.platform.load_balancer_arn_suffix,
            "TargetGroup": self.platform.target_group_arn_suffixes["app"],
        }
        return RequestCounts(
            *cloudwatch.totals(
                self.aws,
                _NAMESPACE,
                _COUNTED,
                where,
                since=since,
                until=until or datetime.now(UTC) + _MINUTE,
            )
        )
