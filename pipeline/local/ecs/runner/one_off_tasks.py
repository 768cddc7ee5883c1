"""Run the tasks of RunTask: each runs once, belongs to no service, and is described after its end."""

import uuid
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from pipeline.local.ecs.api.moto_ecs import EcsBackend
from pipeline.local.ecs.planner.task_overrides import RunTaskRequest, overridden
from pipeline.local.ecs.planner.task_state import TaskLastStatus, TaskState, TaskTimes
from pipeline.local.ecs.runner.describe_task import DescribedTask
from pipeline.local.ecs.runner.moto_state import apply_stop_task
from pipeline.local.ecs.runner.task_containers import TaskClients
from pipeline.local.ecs.runner.task_runner import TaskRunner

_STOPPED = 50  # stopped tasks that DescribeTasks still shows


@dataclass(frozen=True)
class _OneOff:
    request: RunTaskRequest
    group: str
    runner: TaskRunner


class OneOffTasks:
    """All tasks of RunTask; the scheduler calls it under its lock."""

    def __init__(self, clients: TaskClients, backend: EcsBackend) -> None:
        self._clients = clients
        self._backend = backend
        self._running: dict[str, _OneOff] = {}
        self._stopped: deque[str] = deque()

    @property
    def runners(self) -> dict[str, TaskRunner]:
        """The tasks that have not stopped, by id."""
        return {key: task.runner for key, task in self._running.items()}

    def run(self, request: RunTaskRequest) -> list[DescribedTask]:
        """Start the tasks; they are as DescribeTasks will show them.

        Raises:
            RunTaskError: the overrides do not fit the task definition.
        """
        definition = overridden(self._backend.definition(request.task_definition), request.overrides)
        group = request.group or f"family:{definition.family}"
        descriptions = []
        for _ in range(request.count):
            times = TaskTimes(datetime.now(UTC))
            state = TaskState(uuid.uuid4().hex, request.started_by, definition, times, monotonic())
            task = _OneOff(request, group, TaskRunner(self._clients, state, definition.family, ()))
            self._running[state.id] = task
            descriptions.append(self._publish(task))
            task.runner.begin()
        return descriptions

    def step(self) -> None:
        """Write the tasks into moto, pass on StopTask, and forget the oldest of those that have stopped."""
        for key, task in list(self._running.items()):
            descriptions = self._backend.tasks(task.request.cluster)
            before = descriptions.get(self._arn(task))
            if before is not None and not task.runner.state.stopping:
                apply_stop_task(task.runner, before)
            if self._publish(task).last_status == TaskLastStatus.STOPPED.value:
                del self._running[key]
                self._forget(task)

    def _publish(self, task: _OneOff) -> DescribedTask:
        arn = self._arn(task)
        cluster = self._backend.arn("cluster", task.request.cluster)
        description = DescribedTask(arn, cluster, task.group, task.runner.state)
        description.overrides = {"containerOverrides": [], **task.request.overrides}
        self._backend.tasks(task.request.cluster)[arn] = description
        return description

    def _forget(self, task: _OneOff) -> None:
        self._stopped.append(self._arn(task))
        if len(self._stopped) > _STOPPED:
            oldest = self._stopped.popleft()
            self._backend.tasks(oldest.split("/")[1]).pop(oldest, None)

    def _arn(self, task: _OneOff) -> str:
        return self._backend.arn("task", task.request.cluster, task.runner.state.id)
