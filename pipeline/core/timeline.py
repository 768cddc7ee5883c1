"""Record when each part of a run began and how long it took, also of parts that run at the same time.

`recording` starts a timeline for the block, `span` adds the parts. Without a timeline a span records nothing.
A pool's thread belongs to no timeline unless its work is wrapped by `in_timeline`. Times are monotonic.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_IMPORTED = time.monotonic()


@dataclass(frozen=True)
class Span:
    """One part of a run. `began` is in seconds since the run's start; `depth` counts the parts around it."""

    name: str
    began: float
    seconds: float
    depth: int = 0
    failed: bool = False


@dataclass
class Timeline:
    """The parts of one run, in the order in which they ended."""

    start: float = field(default_factory=time.monotonic)
    """The monotonic time at which the run began."""
    spans: list[Span] = field(default_factory=list)
    marks: dict[str, float] = field(default_factory=dict)
    """Moments, in seconds since the start."""
    why: str = ""
    """What caused the run, such as a push or a command."""

    @property
    def seconds(self) -> float:
        """The seconds since the start."""
        return time.monotonic() - self.start

    def add(self, name: str, began: float, ended: float, *, depth: int = 0, failed: bool = False) -> None:
        """Add a part that has ended; `began` and `ended` are monotonic times."""
        self.spans.append(Span(name, began - self.start, ended - began, depth, failed))


_timeline: ContextVar[Timeline | None] = ContextVar("timeline", default=None)
_depth: ContextVar[int] = ContextVar("depth", default=0)


@contextmanager
def recording(start: float | None = None, why: str = "") -> Iterator[Timeline]:
    """Record the block on a new timeline, which began at the monotonic time `start`, or else begins now."""
    timeline = Timeline(why=why) if start is None else Timeline(start, why=why)
    outer, depth = _timeline.set(timeline), _depth.set(0)
    try:
        yield timeline
    finally:
        _depth.reset(depth)
        _timeline.reset(outer)


@contextmanager
def span(name: str) -> Iterator[None]:
    """Record the block as part `name` of the run, also if it fails."""
    began, depth, failed = time.monotonic(), _depth.get(), True
    inner = _depth.set(depth + 1)
    try:
        yield
        failed = False
    finally:
        _depth.reset(inner)
        timeline = _timeline.get()
        if timeline is not None:
            timeline.add(name, began, time.monotonic(), depth=depth, failed=failed)


def add(name: str, began: float, ended: float) -> None:
    """Add a part of the part around the call; `began` and `ended` are monotonic times."""
    timeline = _timeline.get()
    if timeline is not None:
        timeline.add(name, began, ended, depth=_depth.get())


def mark(name: str) -> None:
    """Note that `name` happens now; if it happens again, the last moment counts."""
    timeline = _timeline.get()
    if timeline is not None:
        timeline.marks[name] = timeline.seconds


def why() -> str:
    """What caused the run that this call belongs to; empty if that is not known."""
    timeline = _timeline.get()
    return timeline.why if timeline else ""


def in_timeline(work: Callable[[_Item], _Result]) -> Callable[[_Item], _Result]:
    """`work` for the threads of a pool: what it does is part of the run that this call belongs to."""
    timeline, depth = _timeline.get(), _depth.get()

    def in_thread(item: _Item) -> _Result:
        # A thread of a pool has a context of its own.
        outer, inner = _timeline.set(timeline), _depth.set(depth)
        try:
            return work(item)
        finally:
            _depth.reset(inner)
            _timeline.reset(outer)

    return in_thread


def process_start() -> float:
    """The monotonic time at which this process began, as far as the system says that."""
    with suppress(OSError, ValueError, IndexError, AttributeError):
        # The 22nd field; the second is a name in parentheses, which may contain spaces.
        fields = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
        ticks = int(fields.split()[19]) / os.sysconf("SC_CLK_TCK")
        return time.monotonic() - max(0.0, time.clock_gettime(time.CLOCK_BOOTTIME) - ticks)
    return _IMPORTED
