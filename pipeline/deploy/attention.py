"""What an operator should look at: work left over, refused pushes, unreleased heads, failed requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pipeline.aws import cloudwatch
from pipeline.aws.access import Aws
from pipeline.core.platform import FUNCTION, Platform
from pipeline.core.values import Commit, Source
from pipeline.deploy.manifest import Release
from pipeline.deploy.store import Outcome, Store, TrailEntry

RECENT = timedelta(minutes=5)
"""How far back requests are counted."""
_ENTRIES = 50  # of the trail


@dataclass(frozen=True)
class Attention:
    """Each part is empty if there is nothing to look at.

    `unfinished` is a release whose command was killed. `failed` is the newest failure since the last success.
    `moved` has the head of each source that is not released, `same` the heads that change nothing that
    a build reads, `unreadable` why heads cannot be read. `held`
    says why a source's heads are not released, `left_out` why a head was not. `errors` counts failed requests
    of the last minutes by kind.
    """

    unfinished: TrailEntry | None = None
    failed: TrailEntry | None = None
    moved: Mapping[Source, Commit] = field(default_factory=dict)
    same: Mapping[Source, Commit] = field(default_factory=dict)
    unreadable: str = ""
    held: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, int] = field(default_factory=dict)

    def lines(self, environment: str) -> list[str]:
        """The parts that are not empty, for people."""
        return [
            *(
                f"moved    {source.value}: commit {commit.short}  {commit.subject}; "
                f"`tandem release --env {environment}` releases it"
                for source, commit in sorted(self.moved.items())
            ),
            *(
                f"same     {source.value}: commit {commit.short}  {commit.subject}; "
                "it changes nothing that a build reads"
                for source, commit in sorted(self.same.items())
            ),
            *([f"heads    unknown: {self.unreadable}"] if self.unreadable else []),
            *(f"held     {source}: {why}" for source, why in sorted(self.held.items())),
            *(f"left out {source}: {_first(why)}" for source, why in sorted(self.left_out.items())),
            *([f"failed   {_ended(self.failed)}"] if self.failed else []),
            *([f"errors   {_counts(self.errors)}"] if any(self.errors.values()) else []),
        ]

    def unfinished_line(self, environment: str) -> str:
        """The release that its command left, and the command that finishes it."""
        entry = self.unfinished
        if entry is None:
            return ""
        return (
            f"release {entry.release} was begun at {entry.at} and never ended; "
            f"`tandem release --env {environment}` finishes it"
        )

    def to_dict(self) -> dict[str, object]:
        """The parts as JSON values."""
        return {
            "unfinished": self.unfinished.release if self.unfinished else None,
            "failed": {"release": self.failed.release, "at": self.failed.at, "reason": self.failed.reason}
            if self.failed
            else None,
            "moved": {source.value: commit.id for source, commit in self.moved.items()},
            "same": {source.value: commit.id for source, commit in self.same.items()},
            "unreadable": self.unreadable,
            "held": dict(self.held),
            "left_out": dict(self.left_out),
            "errors": dict(self.errors),
        }


def left_unfinished(store: Store) -> TrailEntry | None:
    """The deployment that was started and not ended, if no run holds the lock; else None."""
    holder = store.state().holder
    return store.interrupted() if holder is None or holder.is_dead else None


def last_failure(store: Store) -> TrailEntry | None:
    """The newest entry of the trail that tells of a failure, if nothing succeeded since."""
    for entry in reversed(store.trail(_ENTRIES)):
        if entry.outcome is Outcome.SUCCEEDED:
            return None
        if entry.outcome.value in {"failed", "rolled back", "refused"}:
            return entry
    return None


def moved_heads(current: Release | None, heads: Mapping[Source, Commit]) -> dict[Source, Commit]:
    """The heads that are not the commits of the current release."""
    released = current.commits if current else {}
    return {
        source: head
        for source, head in heads.items()
        if source not in released or released[source].id != head.id
    }


def recent_errors(aws: Aws, platform: Platform, now: datetime | None = None) -> dict[str, int]:
    """Failed requests of the last minutes by kind, from CloudWatch; TandemError if AWS refuses."""
    until = (now or datetime.now(UTC)) + timedelta(minutes=1)
    since = until - timedelta(minutes=1) - RECENT
    counts: dict[str, int] = {}
    if platform.load_balancer_arn_suffix:
        dimensions = {"LoadBalancer": platform.load_balancer_arn_suffix}
        names = ("HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count")
        targets, balancer = cloudwatch.totals(
            aws, "AWS/ApplicationELB", names, dimensions, since=since, until=until
        )
        counts |= {"5xx from targets": round(targets), "5xx from the load balancer": round(balancer)}
    if platform.function_name and FUNCTION in platform.runtimes:
        dimensions = {"FunctionName": platform.function_name}
        names = ("Errors", "Throttles")
        errors, throttles = cloudwatch.totals(aws, "AWS/Lambda", names, dimensions, since=since, until=until)
        counts |= {"function errors": round(errors), "throttled invocations": round(throttles)}
    return counts


def age(since: datetime, now: datetime | None = None) -> str:
    """The time since `since` in its largest unit, such as `3 min`."""
    seconds = max(0, round(((now or datetime.now(UTC)) - since).total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _first(text: str) -> str:
    """The first line; the next one, too, if the first ends with a colon."""
    first, next_line = [*text.split("\n", 2), ""][:2]
    return f"{first} {next_line.strip()}" if first.endswith(":") else first


def _ended(entry: TrailEntry) -> str:
    what = f"release {entry.release} {entry.outcome.value}" if entry.release else entry.outcome.value
    reason = _first(entry.reason)
    return f"{what} at {entry.at} by {entry.by}" + (f": {reason}" if reason else "")


def _counts(errors: Mapping[str, int]) -> str:
    parts = [f"{count} {kind}" for kind, count in errors.items() if count]
    return f"{', '.join(parts)} in the last {RECENT.seconds // 60} minutes"
