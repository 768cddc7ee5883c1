"""Run a step: time it, announce it, record it on the run's timeline, and let tests interrupt it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.core import console, fault_points, timeline


@dataclass(frozen=True)
class Step:
    """The name of a finished step and the seconds that it took."""

    name: str
    seconds: float


@dataclass
class Stopwatch:
    """Collects the steps of one build, failed ones included; times are monotonic."""

    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str, *, of: str = "") -> Iterator[None]:
        """Run the block as step `name` of this build."""
        with step(name, of=of, stopwatch=self):
            yield

    @property
    def seconds(self) -> float:
        """The seconds of all steps together."""
        return sum(item.seconds for item in self.steps)


@contextmanager
def step(name: str, *, of: str = "", message: str = "", stopwatch: Stopwatch | None = None) -> Iterator[None]:
    """Run the block as step `name`.

    Args:
        name: what the stopwatch records. The fault point is named `name` or, with `of`, such as `build app`.
        of: the image that the step works on.
        message: what the console shows before the block and, with the seconds, after it; empty: nothing.
        stopwatch: records name and seconds, also if the block fails.
    """
    fault_point = f"{name} {of}".rstrip()
    fault_points.strike(fault_point, "before")
    if message:
        console.info(f"-> {message}")
    began = time.monotonic()
    try:
        with timeline.span(fault_point):
            yield
    finally:
        seconds = time.monotonic() - began
        if stopwatch is not None:
            stopwatch.steps.append(Step(name, seconds))
    if message:
        console.info(f"   {message}: {seconds:.1f} s", style="dim")
    fault_points.strike(fault_point, "after")
