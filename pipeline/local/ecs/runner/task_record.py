"""Hold one task's newest state: its own thread changes it, any thread reads it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from pipeline.local.ecs.planner.task_state import TaskState

_CONTAINER_FIELDS = frozenset({"digest", "docker_id", "reason"})


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

    def phase(self, **seconds: float) -> None:
        self.change(phases={**self.state.phases, **seconds})

    def container(self, name: str, **values: object) -> None:
        """Change fields of one container: of its `ContainerState`, or of the progress in it."""
        own = {key: value for key, value in values.items() if key in _CONTAINER_FIELDS}
        progress = {key: value for key, value in values.items() if key not in _CONTAINER_FIELDS}
        old = self.state.containers[name]
        new = replace(old, **own, progress=replace(old.progress, **progress))  # type: ignore[arg-type]
        self.change(containers={**self.state.containers, name: new})
