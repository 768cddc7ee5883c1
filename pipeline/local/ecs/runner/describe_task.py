"""A task as DescribeTasks shows it, built from its report."""

from typing import Any

from pipeline.local.ecs.planner.task_definition import Container
from pipeline.local.ecs.planner.task_state import ContainerReport, Report, Status


class TaskView:
    """What moto answers with for one task: its attributes are DescribeTasks' members in snake case."""

    def __init__(self, arn: str, cluster_arn: str, service: str, report: Report) -> None:
        definition, times = report.definition, report.times
        stopped = report.status is Status.STOPPED
        self.task_arn = arn
        self.cluster_arn = cluster_arn
        self.group = f"service:{service}"
        self.started_by = report.deployment
        self.task_definition_arn = definition.arn
        self.launch_type = "FARGATE"
        self.container_instance_arn = None
        self.platform_family = "Linux"
        self.platform_version = "1.4.0"
        self.cpu = str(definition.cpu) if definition.cpu else None
        self.memory = str(definition.memory) if definition.memory else None
        self.last_status = report.status.value
        self.desired_status = "STOPPED" if report.stopping else "RUNNING"
        self.health_status = report.health.value
        self.connectivity = "CONNECTED" if report.address and not stopped else "DISCONNECTED"
        self.created_at = times.created
        self.connectivity_at = times.connectivity
        self.pull_started_at = times.pull_started
        self.pull_stopped_at = times.pull_stopped
        self.started_at = times.started
        self.stopping_at = times.stopping
        self.execution_stopped_at = times.execution_stopped
        self.stopped_at = times.stopped
        self.stop_code = report.stop_code.value if report.stop_code else None
        self.stopped_reason = report.stop_reason or None
        self.overrides: dict[str, Any] = {"containerOverrides": []}
        self.tags: list[dict[str, str]] = []
        self.version = 1
        self.attachments = [_attachment(report)] if report.address else []
        # How long each phase took; ECS has no field for the copy into volumes.
        self.attributes = [
            {"name": f"io.tandem.phase.{name}", "value": f"{seconds:.3f}"}
            for name, seconds in report.phases.items()
        ]
        self.containers = [
            _container(arn, item, report.containers[item.name], report.address)
            for item in definition.containers
        ]

    def advance(self) -> None:
        """Moto moves its own tasks on when they are described; ours move by themselves."""


def _attachment(report: Report) -> dict[str, Any]:
    return {
        "id": report.id,
        "type": "ElasticNetworkInterface",
        "status": "DELETED" if report.status is Status.STOPPED else "ATTACHED",
        "details": [{"name": "privateIPv4Address", "value": report.address}],
    }


def _container(arn: str, item: Container, report: ContainerReport, address: str) -> dict[str, Any]:
    shown = {
        "containerArn": f"{arn.replace(':task/', ':container/')}/{item.name}",
        "taskArn": arn,
        "name": item.name,
        "image": item.image,
        "imageDigest": report.digest or None,
        "runtimeId": report.docker_id or None,
        "lastStatus": report.seen.stage.value,
        "exitCode": report.seen.exit_code,
        "reason": report.reason or None,
        "healthStatus": report.seen.health.value,
        "networkBindings": [],
        "networkInterfaces": [{"privateIpv4Address": address}] if address else [],
        "cpu": str(item.cpu),
        "memory": str(item.memory) if item.memory else None,
        "memoryReservation": str(item.memory_reservation) if item.memory_reservation else None,
    }
    return {key: value for key, value in shown.items() if value is not None}
