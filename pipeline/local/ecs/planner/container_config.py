"""Build the container configurations that Docker's API takes, from a task definition."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.local.ecs.planner.docker_guard import require_fargate
from pipeline.local.ecs.planner.task_definition import (
    ContainerDefinition,
    ContainerHealthCheck,
    MountPoint,
    TaskDefinition,
)

_SECOND = 10**9  # nanoseconds
_MEBIBYTE = 2**20
_CPU = 1024  # ECS units of one CPU
_LEAST_SHARES = 2  # ECS: CPU shares of a container without a `cpu`
_KEYS = frozenset({"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})
PAUSE_CONTAINER = "~internal~ecs~pause"


@dataclass(frozen=True)
class ContainerContext:
    """The Docker objects and values context one container of a task."""

    pause: str
    """Id of the task's pause container; all containers share its network namespace."""
    volumes: Mapping[str, str]
    """Docker's volume name by the task volume's name."""
    containers: Mapping[str, str]
    """Docker ids of the task's containers so far, by container name."""
    image_volumes: Collection[str]
    """Paths that the image declares as VOLUME."""
    secrets: Mapping[str, str]
    labels: Mapping[str, str]
    file_environment: Mapping[str, str] = field(default_factory=dict)
    """The variables of the container's environment files; its own variables override them."""
    access: Mapping[str, str] = field(default_factory=dict)
    """The variables by which AWS's SDKs find the control plane and the keys of the task role."""


def pause_container(image: str, network: str, hostname: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """The configuration of the container that holds the task's network address, as an ENI does."""
    return {
        "Image": image,
        "Entrypoint": ["/bin/busybox", "sleep", "2147483647"],
        "Cmd": [],
        "Hostname": hostname,
        "User": "65534:65534",
        "Labels": dict(labels),
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {
            "NetworkMode": network,
            "ReadonlyRootfs": True,
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges:true"],
            "LogConfig": {"Type": "none", "Config": {}},
        },
    }


def task_container(
    definition: TaskDefinition, item: ContainerDefinition, context: ContainerContext
) -> dict[str, Any]:
    """The configuration of one container of the task.

    Raises:
        ForbiddenOptionError: the task definition asks for what Fargate has not.
    """
    own = {**context.file_environment, **dict(item.environment), **context.secrets}
    variables = {**_access(context, own), **own}
    config: dict[str, Any] = {
        "Image": item.image,
        "Env": [f"{name}={value}" for name, value in variables.items()],
        "Labels": {**dict(item.labels), **context.labels},
        "Healthcheck": _health(item.health_check),
        "Tty": item.terminal,
        "OpenStdin": item.interactive,
        "StopTimeout": item.stop_timeout,
        "HostConfig": _host(definition, item, context),
    }
    overrides = {
        "Entrypoint": list(item.entry_point) if item.entry_point else None,
        "Cmd": list(item.command) if item.command else None,
        "User": item.user,
        "WorkingDir": item.working_directory,
    }
    config |= {key: value for key, value in overrides.items() if value}
    require_fargate(config)
    return config


def _access(context: ContainerContext, own: Mapping[str, str]) -> dict[str, str]:
    """The variables for AWS's SDKs; a container with keys of its own gets none of the role's."""
    has_keys = not _KEYS.isdisjoint(own)
    return {name: value for name, value in context.access.items() if not (has_keys and name in _KEYS)}


def _host(definition: TaskDefinition, item: ContainerDefinition, context: ContainerContext) -> dict[str, Any]:
    host: dict[str, Any] = {
        "NetworkMode": f"container:{context.pause}",
        "Mounts": [_mount(mount, context) for mount in item.mounts],
        "VolumesFrom": [
            f"{context.containers[source.container]}:{'ro' if source.read_only else 'rw'}"
            for source in item.volumes_from
        ],
        "ReadonlyRootfs": item.read_only_root,
        "CapAdd": list(item.add_capabilities),
        "CapDrop": list(item.drop_capabilities),
        # Fargate has no such setting; no container there gains privileges.
        "SecurityOpt": ["no-new-privileges:true"],
        "Init": item.init,
        "Ulimits": [{"Name": each.name, "Soft": each.soft, "Hard": each.hard} for each in item.ulimits],
        "CpuShares": max(item.cpu, _LEAST_SHARES),
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "2"}},
    }
    memory = item.memory or definition.memory
    if memory:
        host["Memory"] = host["MemorySwap"] = memory * _MEBIBYTE
    if item.memory_reservation:
        host["MemoryReservation"] = item.memory_reservation * _MEBIBYTE
    if definition.cpu:
        host["NanoCpus"] = definition.cpu * _SECOND // _CPU
    if item.tmpfs:
        host["Tmpfs"] = dict(item.tmpfs)
    if definition.share_processes:
        host["PidMode"] = f"container:{context.pause}"
    return host


def _mount(mount: MountPoint, context: ContainerContext) -> dict[str, Any]:
    """Mount a task volume; Docker fills it from the image only if the path is one of its VOLUMEs."""
    return {
        "Type": "volume",
        "Source": context.volumes[mount.volume],
        "Target": mount.path,
        "ReadOnly": mount.read_only,
        "VolumeOptions": {"NoCopy": mount.path not in context.image_volumes},
    }


def _health(check: ContainerHealthCheck | None) -> dict[str, Any]:
    if check is None:
        return {"Test": ["NONE"]}  # ECS ignores the image's own HEALTHCHECK
    return {
        "Test": list(check.command),
        "Interval": check.interval * _SECOND,
        "Timeout": check.timeout * _SECOND,
        "Retries": check.retries,
        "StartPeriod": check.start_period * _SECOND,
    }
