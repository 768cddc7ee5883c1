"""A registered task definition as immutable values."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from pipeline.local.ecs.planner.tmpfs import tmpfs_mounts
from pipeline.local.ecs.planner.unsupported import unsupported

Raw = Mapping[str, Any]


class DependencyCondition(StrEnum):
    """A condition of `dependsOn`."""

    START = "START"
    COMPLETE = "COMPLETE"
    SUCCESS = "SUCCESS"
    HEALTHY = "HEALTHY"


@dataclass(frozen=True)
class Dependency:
    """One entry of `dependsOn`."""

    container: str
    condition: DependencyCondition


@dataclass(frozen=True)
class MountPoint:
    """One entry of `mountPoints`: a task volume at a path."""

    volume: str
    path: str
    read_only: bool


@dataclass(frozen=True)
class VolumesFrom:
    """One entry of `volumesFrom`: all volumes of another container."""

    container: str
    read_only: bool


@dataclass(frozen=True)
class ContainerHealthCheck:
    """A container's health check; times in seconds."""

    command: tuple[str, ...]
    interval: int
    timeout: int
    retries: int
    start_period: int


@dataclass(frozen=True)
class LogConfiguration:
    """The `awslogs` part of a container's `logConfiguration`."""

    group: str
    prefix: str
    create_group: bool


@dataclass(frozen=True)
class RestartPolicy:
    """A container's `restartPolicy`: `period` in seconds, and the exit codes that end it for good."""

    period: int
    ignored: tuple[int, ...]


@dataclass(frozen=True)
class Ulimit:
    """One resource limit."""

    name: str
    soft: int
    hard: int


@dataclass(frozen=True)
class ContainerDefinition:
    """One container definition. Sizes in MiB, CPU in ECS units (1024 = one CPU), times in seconds."""

    name: str
    image: str
    essential: bool
    cpu: int
    memory: int | None
    memory_reservation: int | None
    entry_point: tuple[str, ...] | None
    command: tuple[str, ...] | None
    environment: tuple[tuple[str, str], ...]
    environment_files: tuple[str, ...]  # ARNs of objects in S3
    secrets: tuple[tuple[str, str], ...]
    mounts: tuple[MountPoint, ...]
    volumes_from: tuple[VolumesFrom, ...]
    depends_on: tuple[Dependency, ...]
    ports: tuple[int, ...]
    health_check: ContainerHealthCheck | None
    logs: LogConfiguration | None
    user: str
    working_directory: str
    read_only_root: bool
    init: bool
    add_capabilities: tuple[str, ...]
    drop_capabilities: tuple[str, ...]
    ulimits: tuple[Ulimit, ...]
    tmpfs: tuple[tuple[str, str], ...]
    labels: tuple[tuple[str, str], ...]
    interactive: bool
    terminal: bool
    start_timeout: int | None
    stop_timeout: int
    restart: RestartPolicy | None


@dataclass(frozen=True)
class TaskDefinition:
    """A task definition."""

    arn: str
    family: str
    revision: int
    cpu: int | None
    memory: int | None
    share_processes: bool
    role: str
    volumes: tuple[str, ...]
    containers: tuple[ContainerDefinition, ...]
    unsupported: tuple[str, ...]
    """Settings that have no effect on the local stack, each with its path."""

    def __getitem__(self, name: str) -> ContainerDefinition:
        return next(container for container in self.containers if container.name == name)

    @property
    def short(self) -> str:
        """`family:revision`."""
        return f"{self.family}:{self.revision}"

    @classmethod
    def read(cls, raw: Raw) -> Self:
        """Parse the `taskDefinition` of DescribeTaskDefinition."""
        return cls(
            arn=raw["taskDefinitionArn"],
            family=raw["family"],
            revision=raw["revision"],
            cpu=int(raw["cpu"]) if raw.get("cpu") else None,
            memory=int(raw["memory"]) if raw.get("memory") else None,
            share_processes=raw.get("pidMode") == "task",
            role=raw.get("taskRoleArn") or "",
            volumes=tuple(volume["name"] for volume in raw.get("volumes") or ()),
            containers=tuple(_container(item) for item in raw["containerDefinitions"]),
            unsupported=tuple(unsupported(raw)),
        )


STOP_TIMEOUT = 30


def _pairs(items: Any, key: str, value: str) -> tuple[tuple[str, str], ...]:  # noqa: ANN401 - raw JSON
    return tuple((item[key], item[value]) for item in items or ())


def _texts(raw: Raw, key: str) -> tuple[str, ...] | None:
    return tuple(raw[key]) if raw.get(key) else None


def _health(raw: Raw | None) -> ContainerHealthCheck | None:
    if not raw or not raw.get("command") or raw["command"][0] == "NONE":
        return None
    return ContainerHealthCheck(
        command=tuple(raw["command"]),
        interval=raw.get("interval") or 30,
        timeout=raw.get("timeout") or 5,
        retries=raw.get("retries") or 3,
        start_period=raw.get("startPeriod") or 0,
    )


def _logs(raw: Raw | None) -> LogConfiguration | None:
    if not raw or raw.get("logDriver") != "awslogs":
        return None
    options = raw.get("options") or {}
    return LogConfiguration(
        group=options.get("awslogs-group", ""),
        prefix=options.get("awslogs-stream-prefix", ""),
        create_group=options.get("awslogs-create-group") == "true",
    )


def _restart(raw: Raw | None) -> RestartPolicy | None:
    if not raw or not raw.get("enabled"):
        return None
    period = raw.get("restartAttemptPeriod") or 300
    return RestartPolicy(period, tuple(raw.get("ignoredExitCodes") or ()))


def _container(raw: Raw) -> ContainerDefinition:
    linux = raw.get("linuxParameters") or {}
    capabilities = linux.get("capabilities") or {}
    return ContainerDefinition(
        name=raw["name"],
        image=raw["image"],
        essential=raw.get("essential", True) is not False,
        cpu=raw.get("cpu") or 0,
        memory=raw.get("memory") or None,
        memory_reservation=raw.get("memoryReservation") or None,
        entry_point=_texts(raw, "entryPoint"),
        command=_texts(raw, "command"),
        environment=_pairs(raw.get("environment"), "name", "value"),
        environment_files=tuple(item["value"] for item in raw.get("environmentFiles") or ()),
        secrets=_pairs(raw.get("secrets"), "name", "valueFrom"),
        mounts=tuple(
            MountPoint(item["sourceVolume"], item["containerPath"], bool(item.get("readOnly")))
            for item in raw.get("mountPoints") or ()
        ),
        volumes_from=tuple(
            VolumesFrom(item["sourceContainer"], bool(item.get("readOnly")))
            for item in raw.get("volumesFrom") or ()
        ),
        depends_on=tuple(
            Dependency(item["containerName"], DependencyCondition(item["condition"]))
            for item in raw.get("dependsOn") or ()
        ),
        ports=tuple(item["containerPort"] for item in raw.get("portMappings") or ()),
        health_check=_health(raw.get("healthCheck")),
        logs=_logs(raw.get("logConfiguration")),
        user=raw.get("user") or "",
        working_directory=raw.get("workingDirectory") or "",
        read_only_root=bool(raw.get("readonlyRootFilesystem")),
        init=bool(linux.get("initProcessEnabled")),
        add_capabilities=tuple(capabilities.get("add") or ()),
        drop_capabilities=tuple(capabilities.get("drop") or ()),
        ulimits=tuple(
            Ulimit(item["name"], item["softLimit"], item["hardLimit"]) for item in raw.get("ulimits") or ()
        ),
        tmpfs=tmpfs_mounts(linux),
        labels=tuple((raw.get("dockerLabels") or {}).items()),
        interactive=bool(raw.get("interactive")),
        terminal=bool(raw.get("pseudoTerminal")),
        start_timeout=raw.get("startTimeout"),
        stop_timeout=raw["stopTimeout"] if raw.get("stopTimeout") is not None else STOP_TIMEOUT,
        restart=_restart(raw.get("restartPolicy")),
    )
