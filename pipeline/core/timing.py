"""Time the steps of a build on the monotonic clock."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    """One step of a build and how long it took, in seconds."""

    name: str
    seconds: float


@dataclass
class Stopwatch:
    """Collects steps; a step that fails is kept as well."""

    steps: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self.steps.append(Step(name, time.monotonic() - began))

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)
