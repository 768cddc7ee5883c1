"""When a release was in effect, by the trail."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.deploy.manifest import Release
from pipeline.deploy.store import Outcome, Store, TrailEntry

_RESOLUTION = timedelta(seconds=1)  # of the times in the trail
_ENDED_BADLY = {Outcome.FAILED, Outcome.ROLLED_BACK}


@dataclass(frozen=True)
class TimeInEffect:
    """From `began` to `ended` (None: it still is) the release was rolled out or ran.

    `tasks_began` and `api_began` are earlier if releases before it run the same tasks or the same API: the
    release then replaced none of them.
    """

    began: datetime
    ended: datetime | None
    tasks_began: datetime
    api_began: datetime

    def content_began(self, source: Source) -> datetime:
        """Since when the code of `source` has been what the release has."""
        return self.api_began if source is Source.API else self.tasks_began


def time_in_effect(store: Store, release: Release) -> TimeInEffect:
    """When `release` was in effect; TandemError if it was never applied."""
    trail = [entry for entry in store.trail() if entry.release]
    starts = [entry for entry in trail if _is_start(entry, release.number)]
    if not starts:
        raise TandemError(
            f"release {release.number} was never applied, so nothing of it wrote a log",
            hint=f"tandem show {release.number}",
        )
    began = starts[0]
    before = [entry.release for entry in trail if entry.sequence < began.sequence and _succeeded(entry)]

    def since(part: Callable[[Release], Any]) -> datetime:
        return _unchanged_since(store, trail, release, reversed(before), part) or _time(began)

    return TimeInEffect(
        began=_time(began),
        ended=_end(trail, starts[-1]),
        tasks_began=since(lambda item: item.task_definition),
        api_began=since(lambda item: item.api),
    )


def _unchanged_since(
    store: Store,
    trail: list[TrailEntry],
    release: Release,
    before: Iterable[int],
    part: Callable[[Release], Any],
) -> datetime | None:
    """The start of the first of the releases `before` it without a gap that have the same `part`."""
    first = None
    for number in before:
        if part(store.get(number)) != part(release):
            break
        first = number
    starts: Mapping[int, datetime] = {
        entry.release: _time(entry) for entry in reversed(trail) if entry.outcome is Outcome.STARTED
    }
    return starts.get(first) if first is not None else None


def _end(trail: list[TrailEntry], start: TrailEntry) -> datetime | None:
    """The end of the release by its own failure, or by the success of another one."""
    for entry in trail:
        is_own = entry.release == start.release
        ended = entry.outcome in _ENDED_BADLY if is_own else _succeeded(entry)
        if entry.sequence > start.sequence and ended:
            return _time(entry) + _RESOLUTION
    return None


def _is_start(entry: TrailEntry, number: int) -> bool:
    return entry.release == number and entry.outcome is Outcome.STARTED


def _succeeded(entry: TrailEntry) -> bool:
    return entry.outcome is Outcome.SUCCEEDED


def _time(entry: TrailEntry) -> datetime:
    return datetime.fromisoformat(entry.at)
