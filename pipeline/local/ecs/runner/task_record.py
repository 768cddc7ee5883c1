"""Hold one task's newest state: its own thread changes it, any thread reads it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from pipeline.local.ecs.planner.task_state import TaskState
from pipeline.local.ecs.runner.messages import TaskEndError

_CONTAINER_FIELDS = frozenset({"digest", "docker_id", "reason"})


def now() -> datetime:
    """The present time in UTC."""
    return datetime.now(UTC)


class TaskRecord:
    """The newest state; each change makes a new value and calls `changed`."""

    def __init__(self, state: TaskState, changed: Callable[[], None]) -> None:
        self.state = state
        self._changed = changed

    def change(self, **values: object) -> None:
        self.state = replace(self.state, **values)  # type: ignore[arg-type]
        self._changed()

    def time(self, **values: datetime) -> None:
        self.change(times=replace(self.state.times, **values))

    def end(self, end: TaskEndError) -> None:
        """Record why the task ends, and since when."""
        self.change(stop_code=end.code, stop_reason=end.reason, docker_failed=end.docker_failed)
        self.time(stopping=now())

    def phase(self, **seconds: float) -> None:
        self.change(phases={**self.state.phases, **seconds})

    def container(self, name: str, **values: object) -> None:
        """Change fields of one container: of its `ContainerState`, or of the progress in it."""
        own = {key: value for key, value in values.items() if key in _CONTAINER_FIELDS}
        progress = {key: value for key, value in values.items() if key not in _CONTAINER_FIELDS}
        old = self.state.containers[name]
        new = replace(old, **own, progress=replace(old.progress, **progress))  # type: ignore[arg-type]
        self.change(containers={**self.state.containers, name: new})
