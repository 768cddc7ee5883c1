"""What a release's tasks cost a month on Fargate, on demand; pure. `tandem cost` estimates the rest, too."""

from collections.abc import Mapping
from typing import Any

# As in pipeline/terraform/cost/prices.py, which names their sources; a test compares them.
DATED, REGION, HOURS = "2026-11", "eu-central-1", 730
VCPU_HOUR = {"X86_64": 0.04656, "ARM64": 0.03725}
GIB_HOUR = {"X86_64": 0.00511, "ARM64": 0.00409}
DISK_GIB_HOUR, FREE_DISK_GIB = 0.000132, 20
_UNITS = 1024


def tasks(task_definition: Mapping[str, Any], count: int) -> dict[str, Any] | None:
    """US dollars a month of `count` tasks, and whose prices they are; None for a task without a size."""
    try:
        vcpu, gib = (float(task_definition[key]) / _UNITS for key in ("cpu", "memory"))
    except (KeyError, TypeError, ValueError):
        return None
    kind = (task_definition.get("runtimePlatform") or {}).get("cpuArchitecture", "X86_64")
    disk = float((task_definition.get("ephemeralStorage") or {}).get("sizeInGiB", FREE_DISK_GIB))
    if kind not in VCPU_HOUR:
        return None
    hour = vcpu * VCPU_HOUR[kind] + gib * GIB_HOUR[kind] + max(0.0, disk - FREE_DISK_GIB) * DISK_GIB_HOUR
    return {"dollars_a_month": round(count * HOURS * hour, 2), "prices": f"{REGION}, {DATED}"}
