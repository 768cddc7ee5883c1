"""ECS as a test plays it: the tasks of RunTask write their lines and end when the test says so."""

import uuid
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend

from pipeline.local.ecs.api.moto_ecs import EcsBackend
from pipeline.local.ecs.planner.container_order import ContainerLastStatus, ContainerProgress
from pipeline.local.ecs.planner.service_actions import StopCode
from pipeline.local.ecs.planner.task_overrides import RunTaskRequest, overridden
from pipeline.local.ecs.planner.task_state import ContainerState, TaskLastStatus, TaskState, TaskTimes
from pipeline.local.ecs.runner.describe_task import DescribedTask
from tests.support.aws_access import aws

ACCOUNT, REGION = "123456789012", "eu-central-1"


@dataclass
class PlayedTasks:
    """Listens to RunTask in place of the scheduler; `exit_code` None: the container never started."""

    exit_code: int | None = 0
    reason: str = ""
    lines: list[list[str]] = field(default_factory=list)
    """What the command writes in each second; after the last it ends."""
    requests: list[RunTaskRequest] = field(default_factory=list)
    lock: Any = field(default_factory=nullcontext)
    _state: TaskState | None = None

    def service_changed(self, key: str, *, force: bool) -> None:
        """No service is played."""

    def run_task(self, request: RunTaskRequest) -> list[DescribedTask]:
        self.requests.append(request)
        backend = EcsBackend(ACCOUNT, REGION)
        definition = overridden(backend.definition(request.task_definition), request.overrides)
        (container,) = definition.containers
        self._state = TaskState(
            id=uuid.uuid4().hex,
            deployment=request.started_by,
            definition=definition,
            times=TaskTimes(datetime.now(UTC)),
            began=0,
            last_status=TaskLastStatus.RUNNING,
            containers={container.name: ContainerState(container.name, container.image)},
        )
        return [self._publish()]

    def second(self, _: float = 1) -> None:
        """A second passes; what `pause` is called for."""
        assert self._state is not None
        if self.lines:
            if lines := self.lines.pop(0):
                self._write(lines)
        elif self._state.last_status is TaskLastStatus.RUNNING:
            self.end(StopCode.ESSENTIAL_EXITED)

    def end(self, code: StopCode) -> None:
        assert self._state is not None
        ((name, container),) = self._state.containers.items()
        progress = ContainerProgress(last_status=ContainerLastStatus.STOPPED, exit_code=self.exit_code)
        ended = replace(container, progress=progress, reason=self.reason)
        self._state = replace(
            self._state, last_status=TaskLastStatus.STOPPED, stop_code=code, containers={name: ended}
        )
        self._publish()

    @property
    def described(self) -> Any:
        """The task as ECS describes it."""
        backend: Any = get_backend("ecs")[ACCOUNT][REGION]
        return next(task for tasks in backend.tasks.values() for task in tasks.values())

    def _publish(self) -> DescribedTask:
        assert self._state is not None
        backend, cluster = EcsBackend(ACCOUNT, REGION), self.requests[-1].cluster
        arn = backend.arn("task", cluster, self._state.id)
        described = DescribedTask(arn, backend.arn("cluster", cluster), "family:run", self._state)
        backend.tasks(cluster)[arn] = described
        return described

    def _write(self, lines: list[str]) -> None:
        assert self._state is not None
        logs, group, stream = aws().client("logs"), "/shop-dev/api-task", f"run/run/{self._state.id}"
        if not logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream)["logStreams"]:
            logs.create_log_stream(logGroupName=group, logStreamName=stream)
        now = int(datetime.now(UTC).timestamp() * 1000)
        events: Any = [{"timestamp": now, "message": line} for line in lines]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
