"""Show on the run's timeline how long an apply planned, and how long it changed."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.core import timeline

_PLANNED = re.compile(r"^(Plan: |No changes\.|You can apply this plan)")


@dataclass
class ApplyParts:
    """The parts of one apply: Terraform plans, then it changes."""

    began: float = field(default_factory=time.monotonic)
    planned: float | None = None

    def see(self, line: str) -> None:
        """Note when the line appears that ends the plan."""
        if self.planned is None and _PLANNED.match(line):
            self.planned = time.monotonic()

    def end(self) -> None:
        """Add the parts to the run's timeline."""
        now = time.monotonic()
        planned = now if self.planned is None else self.planned
        timeline.add("plan", self.began, planned)
        if now > planned:
            timeline.add("change", planned, now)


@contextmanager
def parts_of_an_apply() -> Iterator[ApplyParts]:
    """Follow an apply; the block passes its lines on."""
    parts = ApplyParts()
    try:
        yield parts
    finally:
        parts.end()
