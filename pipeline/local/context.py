"""The context of one running stack: its names, labels, Docker client and target health."""

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
    """One running stack, for its ECS scheduler, load balancer and functions."""

    stack: str
    """The project folder's short id: `Stack.of(project).id`."""
    project: Project
    network: str
    """Name of the stack's bridge network on Docker."""
    gateway: str
    """The host's address on that network."""
    docker: DockerClient
    account: str
    region: str
    health: TargetHealth
    aws_endpoint: str = ""
    """The control plane's URL for containers of the network."""

    def labels(self, role: str, **more: str) -> dict[str, str]:
        """The labels of a Docker object, by which `tandem down` finds it.

        >>> context.labels("function", function="hello", version="3")
        """
        labels = {"stack": self.stack, "role": role, **more}
        return {f"{LABEL}.{key}": value for key, value in labels.items()}

    def name(self, *parts: str) -> str:
        """A Docker object's name, unique to this stack: `tandem-<stack>-<parts>`."""
        return "-".join(("tandem", self.stack, *parts))
