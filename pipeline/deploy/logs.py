"""The logs verb: what the containers of the tasks and the API's function wrote, from CloudWatch Logs.

The local stack writes to the same log groups, so it is read in the same way.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.aws.access import Aws
from pipeline.aws.log_events import LogEvent, read_events, stream_starts
from pipeline.core.errors import TandemError
from pipeline.core.plain_text import plain
from pipeline.core.platform import FUNCTION, TASKS, Platform
from pipeline.core.values import Source
from pipeline.deploy.manifest import Release
from pipeline.deploy.store import Store
from pipeline.deploy.time_in_effect import TimeInEffect, time_in_effect

_LATE = timedelta(seconds=15)  # CloudWatch shows events of a stream that much later, and not in order
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_VERSION = re.compile(r"\[([^\]]+)\]")


@dataclass(frozen=True)
class LogLine:
    """One line; `origin` is the short id of its task, or the version of the function."""

    at: datetime
    source: Source
    origin: str
    text: str

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%dT%H:%M:%SZ} {self.source:<6} {self.origin:<8} {self.text}"

    def to_dict(self) -> dict[str, str]:
        """The line as JSON values."""
        return {
            "at": self.at.isoformat(timespec="milliseconds"),
            "source": self.source.value,
            "origin": self.origin,
            "text": self.text,
        }


@dataclass(frozen=True)
class LogStreams:
    """The log streams of one source: those of `group` whose names begin with `prefix`."""

    source: Source
    group: str
    prefix: str = ""


def streams_of(platform: Platform, release: Release, source: Source | None) -> list[LogStreams]:
    """The log streams of a source, or of all, as `release` writes them.

    Raises:
        TandemError: the release has no container and no function of that source.
    """
    every = [*_containers(release), *_api(platform)]
    streams = [item for item in every if source in {None, item.source}]
    if not streams:
        raise TandemError(
            f"release {release.number} with layout {release.layout} has no container of {source}",
            hint="tandem logs app",
        )
    return streams


def _containers(release: Release) -> Iterator[LogStreams]:
    names = {source.value: source for source in (Source.APP, Source.STATIC)}
    for container in release.task_definition["containerDefinitions"]:
        options = container.get("logConfiguration", {}).get("options", {})
        group, prefix = options.get("awslogs-group"), options.get("awslogs-stream-prefix")
        if group and prefix and container["name"] in names:
            yield LogStreams(names[container["name"]], group, f"{prefix}/{container['name']}/")


def _api(platform: Platform) -> Iterator[LogStreams]:
    runtimes = platform.with_planned().runtimes
    if FUNCTION in runtimes and platform.function_log_group:
        yield LogStreams(Source.API, platform.function_log_group)
    if TASKS in runtimes and platform.api_log_group:
        yield LogStreams(Source.API, platform.api_log_group, "api/api/")


def read_lines(
    aws: Aws, streams: LogStreams, since: datetime, effect: TimeInEffect | None = None
) -> Iterator[tuple[str, LogLine]]:
    """The lines since `since`, each with an id; with `effect`, only those of the release that was in effect.

    Raises:
        TandemError: AWS refuses.
    """
    born = stream_starts(aws, streams.group, streams.prefix) if effect else {}
    for event in read_events(
        aws,
        streams.group,
        streams.prefix,
        max(since, effect.began) if effect else since,
        effect.ended if effect else None,
    ):
        if effect is None or born.get(event.stream, event.at) >= effect.content_began(streams.source):
            yield from _lines(streams, event)


def _lines(streams: LogStreams, event: LogEvent) -> Iterator[tuple[str, LogLine]]:
    # Lambda's runtime client for Python separates the lines of a traceback by carriage returns.
    for number, text in enumerate(event.text.replace("\r", "\n").split("\n")):
        line = LogLine(event.at, streams.source, _origin(event.stream), plain(text).rstrip())
        yield f"{streams.group} {event.id} {number}", line


def _origin(stream: str) -> str:
    """The version in YYYY/MM/DD/[version]id, else the task in prefix/container/task."""
    version = _VERSION.search(stream)
    return f"v{version[1]}" if version else stream.rpartition("/")[2][:8]


def read_once(
    aws: Aws, streams: list[LogStreams], since: datetime, effect: TimeInEffect | None = None
) -> list[LogLine]:
    """The lines of all `streams`, sorted by time; TandemError if AWS refuses."""
    lines = [line for item in streams for _, line in read_lines(aws, item, since, effect)]
    return sorted(lines, key=lambda line: line.at)


def follow(
    aws: Aws,
    streams: list[LogStreams],
    since: datetime,
    *,
    pause: Callable[[float], None] = time.sleep,
    every: float = 1.0,
) -> Iterator[LogLine]:
    """The lines since `since`, and those that come, each once; TandemError if AWS refuses."""
    times: dict[str, datetime] = {}
    while True:
        fresh = [
            (key, line) for item in streams for key, line in read_lines(aws, item, since) if key not in times
        ]
        for key, line in sorted(fresh, key=lambda item: item[1].at):
            times[key] = line.at
            yield line
        if times:
            since = max(since, max(times.values()) - _LATE)
            times = {key: at for key, at in times.items() if at >= since - _LATE}
        pause(every)


def release_to_read(store: Store, number: int | None) -> tuple[Release, TimeInEffect | None]:
    """Release `number` and its time in effect; without a number the current one (or the newest), all time.

    Raises:
        TandemError: there is no such release, or it was never applied.
    """
    if number is not None:
        release = store.get(number)
        return release, time_in_effect(store, release)
    newest = store.current() or store.latest()
    if newest is None:
        raise TandemError(
            f"nothing was released in {store.environment} yet, so nothing has written a log",
            hint="tandem release",
        )
    return newest, None


def parse_since(text: str, now: datetime | None = None) -> datetime:
    """The time that `text` means: a span until now (90s, 10m, 2h, 1d), or a date and time in ISO 8601.

    Raises:
        TandemError: it is neither.
    """
    span = re.fullmatch(r"(\d{1,5}) ?([smhd])", text.strip())
    if span:
        return (now or datetime.now(UTC)) - timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        time_given = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise TandemError(
            f"--since {text!r} is no time: it takes 90s, 10m, 2h, 1d or 2026-01-31T12:00",
            hint="tandem logs --since 10m",
        ) from error
    return time_given if time_given.tzinfo else time_given.astimezone()
