"""The last look at a container's configuration: nothing in it reaches beyond the container.

`moto/fargate.py` refuses such task definitions when they are registered. This guard holds even if one gets
past it: it knows what the stack passes to Docker, and refuses all else.
"""

import re
from collections.abc import Mapping
from typing import Any

ADDABLE_CAPABILITIES = frozenset({"SYS_PTRACE"})
_CONFIG = frozenset({
    *("Image", "Env", "Labels", "Healthcheck", "Tty", "OpenStdin", "StopTimeout", "HostConfig"),
    *("Entrypoint", "Cmd", "User", "WorkingDir"),
})  # fmt: skip
_HOST = frozenset({
    *("NetworkMode", "Mounts", "VolumesFrom", "ReadonlyRootfs", "CapAdd", "CapDrop", "SecurityOpt", "Init"),
    *("Ulimits", "CpuShares", "LogConfig", "Memory", "MemorySwap", "MemoryReservation", "NanoCpus"),
    *("PidMode", "Tmpfs"),
})  # fmt: skip
_OTHER_CONTAINER = re.compile(r"container:[A-Za-z0-9][\w.-]*")
_VOLUME = re.compile(r"[A-Za-z0-9][\w.-]*")
_SECURITY = ["no-new-privileges:true"]


class ForbiddenOptionError(ValueError):
    """A container's configuration has an option that Fargate has not."""


def require_fargate(config: Mapping[str, Any]) -> None:
    """Refuse a task container's configuration that could reach beyond the container.

    Raises:
        ForbiddenOptionError: it has an option that Fargate has not.
    """
    forbidden_options = [*(config.keys() - _CONFIG), *(config["HostConfig"].keys() - _HOST)]
    forbidden_options += [name for name, is_safe in _checks(config["HostConfig"]).items() if not is_safe]
    if forbidden_options:
        raise ForbiddenOptionError(f"not on Fargate: {', '.join(sorted(forbidden_options))}")


def _checks(host: Mapping[str, Any]) -> dict[str, bool]:
    mounts = host.get("Mounts") or ()
    return {
        "NetworkMode": bool(_OTHER_CONTAINER.fullmatch(host.get("NetworkMode", ""))),
        "PidMode": "PidMode" not in host or bool(_OTHER_CONTAINER.fullmatch(host["PidMode"])),
        "CapAdd": set(host.get("CapAdd") or ()) <= ADDABLE_CAPABILITIES,
        "SecurityOpt": host.get("SecurityOpt") == _SECURITY,
        "Mounts": all(each["Type"] == "volume" and _VOLUME.fullmatch(each["Source"]) for each in mounts),
    }
