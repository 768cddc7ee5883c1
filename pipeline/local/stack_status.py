"""What of the stack runs: written by its process whenever it changes, read by anyone."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError


@dataclass(frozen=True)
class ContainerStatus:
    """One container of a task."""

    name: str
    docker_id: str
    digest: str
    status: str
    health: str
    exit_code: int | None
    reason: str


@dataclass(frozen=True)
class TaskStatus:
    """One task; `phases` are seconds by name: network, pull, copy, start, healthy."""

    id: str
    deployment: str
    task_definition: str
    status: str
    health: str
    address: str
    stop_reason: str
    phases: Mapping[str, float]
    containers: tuple[ContainerStatus, ...]


@dataclass(frozen=True)
class DeploymentStatus:
    """One deployment of a service."""

    id: str
    status: str
    task_definition: str
    rollout: str
    reason: str
    failed: int


@dataclass(frozen=True)
class ServiceStatus:
    """One ECS service."""

    cluster: str
    name: str
    task_definition: str
    desired: int
    running: int
    pending: int
    deployments: tuple[DeploymentStatus, ...]
    tasks: tuple[TaskStatus, ...]
    last_event: str


@dataclass(frozen=True)
class FunctionStatus:
    """One Lambda function; each alias with its version's share in percent."""

    name: str
    image: str
    versions: tuple[str, ...]
    aliases: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class StackStatus:
    """The whole stack."""

    stack: str
    running: bool = False
    url: str = ""
    endpoint: str = ""
    registry: str = ""
    docker: bool = False
    """Whether the process has found Docker and the stack's network."""
    services: tuple[ServiceStatus, ...] = field(default=())
    functions: tuple[FunctionStatus, ...] = field(default=())


_STATUS = TypeAdapter(StackStatus)


def write(file: Path, status: StackStatus) -> None:
    """Replace the file in one step; readers never see half of it."""
    text = json.dumps(asdict(status))
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        new = file.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(file)


def read(file: Path) -> StackStatus | None:
    """What was written last; None if nothing readable was."""
    try:
        return _STATUS.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None
