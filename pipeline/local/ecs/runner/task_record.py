"""Keep one task's report up to date: written by its thread, read by any."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from pipeline.local.ecs.planner.task_state import Report

_OWN = frozenset({"digest", "docker_id", "reason"})


class Record:
    """The newest report; each change makes a new value and tells whoever waits for one."""

    def __init__(self, report: Report, changed: Callable[[], None]) -> None:
        self.report = report
        self._changed = changed

    def change(self, **values: object) -> None:
        self.report = replace(self.report, **values)  # type: ignore[arg-type]
        self._changed()

    def time(self, **values: datetime) -> None:
        self.change(times=replace(self.report.times, **values))

    def phase(self, **seconds: float) -> None:
        self.change(phases={**self.report.phases, **seconds})

    def container(self, name: str, **values: object) -> None:
        """Change one container: its own fields, or those of what was seen of it."""
        own = {key: value for key, value in values.items() if key in _OWN}
        seen = {key: value for key, value in values.items() if key not in _OWN}
        old = self.report.containers[name]
        new = replace(old, **own, seen=replace(old.seen, **seen))  # type: ignore[arg-type]
        self.change(containers={**self.report.containers, name: new})
