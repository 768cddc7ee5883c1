"""Divide the seconds from "task wanted" to "serves" into phases; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol


class PullTimes(Protocol):
    """One pull, in monotonic seconds."""

    @property
    def downloaded(self) -> float: ...
    @property
    def ended(self) -> float: ...


@dataclass(frozen=True)
class StartTimes:
    """A task's times, in monotonic seconds, and the seconds of the phases that the scheduler measured."""

    began: float
    running: float
    copy: float
    start: float
    """From the first container's creation to the last one's start, the copy included."""


def start_phases(
    called_at: float, served_at: float, task: StartTimes, pulls: Iterable[PullTimes]
) -> dict[str, float]:
    """Seconds by phase, which add up to `served_at - called_at`; `called_at` is when the task was asked for.

    The images of a task are pulled at the same time: the last byte of the last one ends the download.
    """
    all_pulls = list(pulls)
    download_end = max((pull.downloaded for pull in all_pulls), default=task.began)
    unpack_end = max((pull.ended for pull in all_pulls), default=download_end)
    container_start = task.running - task.start
    marks = {
        "schedule": task.began,
        "pull": download_end,
        "unpack": unpack_end,
        "network": container_start,
        "copy": container_start + task.copy,
        "start": task.running,
        "healthy": served_at,
    }
    return _between(called_at, served_at, marks)


def _between(begin: float, end: float, marks: Mapping[str, float]) -> dict[str, float]:
    """Seconds from each mark to the next; a mark that threads noted too early or late is moved between."""
    phases, last = {}, begin
    for name, at in marks.items():
        mark = min(max(at, last), end)
        phases[name], last = mark - last, mark
    return phases
