"""One step of a run: it is timed, told, recorded, and a place where tests break the run."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.core import console, fault_points


@dataclass(frozen=True)
class Step:
    """One step of a build and how long it took, in seconds."""

    name: str
    seconds: float


@dataclass
class Stopwatch:
    """Collects the steps of one build by monotonic time; a step that fails is kept as well."""

    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str, *, of: str = "") -> Iterator[None]:
        """Run the block as step `name` of this build."""
        with step(name, of=of, stopwatch=self):
            yield

    @property
    def seconds(self) -> float:
        """The sum of all steps."""
        return sum(item.seconds for item in self.steps)


@contextmanager
def step(name: str, *, of: str = "", tell: str = "", stopwatch: Stopwatch | None = None) -> Iterator[None]:
    """Run the block as step `name`.

    Args:
        name: what is recorded; with `of` (an image) also the name of the fault point, as in `build app`.
        of: what the step works on.
        tell: what the person at the terminal reads; nothing is said without it.
        stopwatch: where name and seconds are recorded, also when the step fails.
    """
    fault_point = f"{name} {of}".rstrip()
    fault_points.strike(fault_point, "before")
    if tell:
        console.info(f"-> {tell}")
    began = time.monotonic()
    try:
        yield
    finally:
        seconds = time.monotonic() - began
        if stopwatch is not None:
            stopwatch.steps.append(Step(name, seconds))
    if tell:
        console.info(f"   {tell}: {seconds:.1f} s", style="dim")
    fault_points.strike(fault_point, "after")
