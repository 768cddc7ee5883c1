"""What every part of the local stack is given: one stack's names, its Docker Engine and its target states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docker import DockerClient

    from pipeline.core.settings import Project
    from pipeline.local.target_health import TargetHealth

LABEL = "io.tandem"
ACCOUNT = "123456789012"
REGION = "eu-central-1"
ALB_ROLE = "alb"
EARLIER_ALB_ROLE = "edge"
"""Role and name of the load balancer's container in stacks that an earlier version started."""


@dataclass(frozen=True)
class StackContext:
    """One running stack, as its scheduler, edge and functions see it."""

    stack: str
    """The project folder's short id: `Stack.of(project).id`."""
    project: Project
    network: str
    """Name of the stack's bridge network."""
    gateway: str
    """The host's address on that network."""
    docker: DockerClient
    account: str
    region: str
    health: TargetHealth

    def labels(self, role: str, **more: str) -> dict[str, str]:
        """Labels for one Docker object, so that `down` finds what is ours.

        >>> context.labels("function", function="hello", version="3")
        """
        pairs = {"stack": self.stack, "role": role, **more}
        return {f"{LABEL}.{key}": value for key, value in pairs.items()}

    def name(self, *parts: str) -> str:
        """A Docker object's name, unique to this stack: `tandem-<stack>-<parts>`."""
        return "-".join(("tandem", self.stack, *parts))
