"""What Docker is asked to create for a task: request bodies as values."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.local.ecs.planner.task_definition import Container, Definition, HealthCheck, MountPoint

_SECOND = 10**9  # nanoseconds
_MEBIBYTE = 2**20
_CPU = 1024  # ECS units of one CPU
_LEAST_SHARES = 2  # what ECS gives a container that asks for none
PAUSE = "~internal~ecs~pause"


@dataclass(frozen=True)
class Surroundings:
    """What a container's body needs to know beyond its definition."""

    pause: str
    """Id of the task's pause container, whose network address all share."""
    volumes: Mapping[str, str]
    """Docker's name of each task volume."""
    containers: Mapping[str, str]
    """Docker ids of the task's containers that exist already."""
    image_volumes: Collection[str]
    """The paths that the image declares as VOLUME."""
    secrets: Mapping[str, str]
    labels: Mapping[str, str]


def pause(image: str, network: str, hostname: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """Ask for the container that holds the task's network address, as an ENI does."""
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


def container(definition: Definition, item: Container, around: Surroundings) -> dict[str, Any]:
    """Ask for one container of the task."""
    body: dict[str, Any] = {
        "Image": item.image,
        "Env": [f"{name}={value}" for name, value in (*item.environment, *around.secrets.items())],
        "Labels": {**dict(item.labels), **around.labels},
        "Healthcheck": _health(item.health_check),
        "Tty": item.terminal,
        "OpenStdin": item.interactive,
        "StopTimeout": item.stop_timeout,
        "HostConfig": _host(definition, item, around),
    }
    given = {
        "Entrypoint": list(item.entry_point) if item.entry_point else None,
        "Cmd": list(item.command) if item.command else None,
        "User": item.user,
        "WorkingDir": item.working_directory,
    }
    return body | {key: value for key, value in given.items() if value}


def _host(definition: Definition, item: Container, around: Surroundings) -> dict[str, Any]:
    host: dict[str, Any] = {
        "NetworkMode": f"container:{around.pause}",
        "Mounts": [_mount(mount, around) for mount in item.mounts],
        "VolumesFrom": [
            f"{around.containers[source.container]}:{'ro' if source.read_only else 'rw'}"
            for source in item.volumes_from
        ],
        "ReadonlyRootfs": item.read_only_root,
        "Privileged": item.privileged,
        "CapAdd": list(item.add_capabilities),
        "CapDrop": list(item.drop_capabilities),
        # Fargate cannot be told so; nothing that runs there needs new privileges.
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
    if definition.share_processes:
        host["PidMode"] = f"container:{around.pause}"
    return host


def _mount(mount: MountPoint, around: Surroundings) -> dict[str, Any]:
    """Mount a task volume; the image's files fill it only where the image's VOLUME is that very path."""
    return {
        "Type": "volume",
        "Source": around.volumes[mount.volume],
        "Target": mount.path,
        "ReadOnly": mount.read_only,
        "VolumeOptions": {"NoCopy": mount.path not in around.image_volumes},
    }


def _health(check: HealthCheck | None) -> dict[str, Any]:
    if check is None:
        return {"Test": ["NONE"]}  # ECS does not run the image's own HEALTHCHECK
    return {
        "Test": list(check.command),
        "Interval": check.interval * _SECOND,
        "Timeout": check.timeout * _SECOND,
        "Retries": check.retries,
        "StartPeriod": check.start_period * _SECOND,
    }
