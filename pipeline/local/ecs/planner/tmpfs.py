"""A container's mounts in memory, as Docker's API takes them."""

from collections.abc import Mapping
from typing import Any


def tmpfs_mounts(linux: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Path and mount options of each `tmpfs` in `linuxParameters`; ECS counts its size in MiB."""
    return tuple(
        (mount["containerPath"], ",".join([*(mount.get("mountOptions") or ()), f"size={mount['size']}m"]))
        for mount in linux.get("tmpfs") or ()
    )
