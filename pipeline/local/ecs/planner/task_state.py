"""The state of one task as an immutable value, which any thread may read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pipeline.local.ecs.planner.container_order import ContainerProgress, HealthStatus
from pipeline.local.ecs.planner.service_actions import StopCode
from pipeline.local.ecs.planner.task_definition import TaskDefinition


class TaskLastStatus(StrEnum):
    """A task's `lastStatus`."""

    PROVISIONING = "PROVISIONING"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    DEACTIVATING = "DEACTIVATING"
    STOPPING = "STOPPING"
    DEPROVISIONING = "DEPROVISIONING"
    STOPPED = "STOPPED"


@dataclass(frozen=True)
class ContainerState:
    """The state of one container of the task."""

    name: str
    image: str
    progress: ContainerProgress = field(default_factory=ContainerProgress)
    digest: str = ""
    docker_id: str = ""
    reason: str = ""


@dataclass(frozen=True)
class TaskTimes:
    """The task's points in time, named as in DescribeTasks."""

    created: datetime
    connectivity: datetime | None = None
    pull_started: datetime | None = None
    pull_stopped: datetime | None = None
    started: datetime | None = None
    stopping: datetime | None = None
    execution_stopped: datetime | None = None
    stopped: datetime | None = None


@dataclass(frozen=True)
class TaskState:
    """The state of one task; `began` and `running_since` in monotonic seconds, `phases` in seconds."""

    id: str
    deployment: str
    definition: TaskDefinition
    times: TaskTimes
    began: float
    last_status: TaskLastStatus = TaskLastStatus.PROVISIONING
    address: str = ""
    containers: Mapping[str, ContainerState] = field(default_factory=dict)
    running_since: float | None = None
    stop_code: StopCode | None = None
    stop_reason: str = ""
    docker_failed: bool = False
    """The task ended because Docker went away: that is no failure of its deployment."""
    phases: Mapping[str, float] = field(default_factory=dict)

    @property
    def stopping(self) -> bool:
        """Whether the task is to end."""
        return self.stop_code is not None

    @property
    def health(self) -> HealthStatus:
        """The health of all essential containers with a health check together."""
        checks = [item for item in self.definition.containers if item.essential and item.health_check]
        statuses = {self.containers[item.name].progress.health for item in checks}
        if HealthStatus.UNHEALTHY in statuses:
            return HealthStatus.UNHEALTHY
        return HealthStatus.HEALTHY if statuses == {HealthStatus.HEALTHY} else HealthStatus.UNKNOWN

    @property
    def checked(self) -> bool:
        """Whether an essential container has a health check."""
        return any(item.essential and item.health_check for item in self.definition.containers)

    def progress(self) -> dict[str, ContainerProgress]:
        return {name: container.progress for name, container in self.containers.items()}
