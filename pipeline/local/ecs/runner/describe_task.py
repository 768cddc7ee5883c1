"""Build the task that moto's DescribeTasks answers with from a task's state."""

from typing import Any

from pipeline.local.ecs.planner.task_definition import ContainerDefinition
from pipeline.local.ecs.planner.task_state import ContainerState, TaskLastStatus, TaskState


class DescribedTask:
    """The object that moto serializes for one task: DescribeTasks' members in snake case."""

    def __init__(self, arn: str, cluster_arn: str, group: str, task: TaskState) -> None:
        definition, times = task.definition, task.times
        is_stopped = task.last_status is TaskLastStatus.STOPPED
        self.task_arn = arn
        self.cluster_arn = cluster_arn
        self.group = group
        self.started_by = task.deployment
        self.task_definition_arn = definition.arn
        self.launch_type = "FARGATE"
        self.container_instance_arn = None
        self.platform_family = "Linux"
        self.platform_version = "1.4.0"
        self.cpu = str(definition.cpu) if definition.cpu else None
        self.memory = str(definition.memory) if definition.memory else None
        self.last_status = task.last_status.value
        self.desired_status = "STOPPED" if task.stopping else "RUNNING"
        self.health_status = task.health.value
        self.connectivity = "CONNECTED" if task.address and not is_stopped else "DISCONNECTED"
        self.created_at = times.created
        self.connectivity_at = times.connectivity
        self.pull_started_at = times.pull_started
        self.pull_stopped_at = times.pull_stopped
        self.started_at = times.started
        self.stopping_at = times.stopping
        self.execution_stopped_at = times.execution_stopped
        self.stopped_at = times.stopped
        self.stop_code = task.stop_code.value if task.stop_code else None
        self.stopped_reason = task.stop_reason or None
        self.overrides: dict[str, Any] = {"containerOverrides": []}
        self.tags: list[dict[str, str]] = []
        self.version = 1
        self.attachments = [_attachment(task)] if task.address else []
        # Seconds of each phase; ECS has no field for the copy into volumes.
        self.attributes = [
            {"name": f"io.tandem.phase.{name}", "value": f"{seconds:.3f}"}
            for name, seconds in task.phases.items()
        ]
        self.containers = [
            _container(arn, item, task.containers[item.name], task.address) for item in definition.containers
        ]

    def advance(self) -> None:
        """Moto calls this to move a task of its own to the next status; the scheduler does that here."""


def _attachment(task: TaskState) -> dict[str, Any]:
    return {
        "id": task.id,
        "type": "ElasticNetworkInterface",
        "status": "DELETED" if task.last_status is TaskLastStatus.STOPPED else "ATTACHED",
        "details": [{"name": "privateIPv4Address", "value": task.address}],
    }


def _container(
    arn: str, item: ContainerDefinition, container: ContainerState, address: str
) -> dict[str, Any]:
    members = {
        "containerArn": f"{arn.replace(':task/', ':container/')}/{item.name}",
        "taskArn": arn,
        "name": item.name,
        "image": item.image,
        "imageDigest": container.digest or None,
        "runtimeId": container.docker_id or None,
        "lastStatus": container.progress.last_status.value,
        "exitCode": container.progress.exit_code,
        "reason": container.reason or None,
        "healthStatus": container.progress.health.value,
        "networkBindings": [],
        "networkInterfaces": [{"privateIpv4Address": address}] if address else [],
        "cpu": str(item.cpu),
        "memory": str(item.memory) if item.memory else None,
        "memoryReservation": str(item.memory_reservation) if item.memory_reservation else None,
    }
    return {key: value for key, value in members.items() if value is not None}
