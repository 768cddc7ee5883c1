"""What is known of one task at one moment, as values that any thread may read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pipeline.local.ecs.planner.container_order import Health, Seen
from pipeline.local.ecs.planner.reconcile import StopCode
from pipeline.local.ecs.planner.task_definition import Definition


class Status(StrEnum):
    """A task's lastStatus."""

    PROVISIONING = "PROVISIONING"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    DEACTIVATING = "DEACTIVATING"
    STOPPING = "STOPPING"
    DEPROVISIONING = "DEPROVISIONING"
    STOPPED = "STOPPED"


@dataclass(frozen=True)
class ContainerReport:
    """One container of the task."""

    name: str
    image: str
    seen: Seen = field(default_factory=Seen)
    digest: str = ""
    docker_id: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Times:
    """When the task reached what; the names are DescribeTasks'."""

    created: datetime
    connectivity: datetime | None = None
    pull_started: datetime | None = None
    pull_stopped: datetime | None = None
    started: datetime | None = None
    stopping: datetime | None = None
    execution_stopped: datetime | None = None
    stopped: datetime | None = None


@dataclass(frozen=True)
class Report:
    """One task; `began` and `running_since` in monotonic seconds, `phases` in seconds."""

    id: str
    deployment: str
    definition: Definition
    times: Times
    began: float
    status: Status = Status.PROVISIONING
    address: str = ""
    containers: Mapping[str, ContainerReport] = field(default_factory=dict)
    running_since: float | None = None
    stop_code: StopCode | None = None
    stop_reason: str = ""
    blameless: bool = False
    """It ended because Docker did: no failure of its deployment."""
    phases: Mapping[str, float] = field(default_factory=dict)

    @property
    def stopping(self) -> bool:
        """Whether it is decided that the task ends."""
        return self.stop_code is not None

    @property
    def health(self) -> Health:
        """Of all essential containers that have a check."""
        checked = [item for item in self.definition.containers if item.essential and item.health_check]
        found = {self.containers[item.name].seen.health for item in checked}
        if Health.UNHEALTHY in found:
            return Health.UNHEALTHY
        return Health.HEALTHY if found == {Health.HEALTHY} else Health.UNKNOWN

    @property
    def checked(self) -> bool:
        """Whether an essential container has a health check."""
        return any(item.essential and item.health_check for item in self.definition.containers)

    def seen(self) -> dict[str, Seen]:
        return {name: container.seen for name, container in self.containers.items()}
