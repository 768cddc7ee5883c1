"""The context of measured tasks and of their load balancer: the stack's network, names of their own."""

from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from docker import DockerClient
from docker.errors import NotFound

from pipeline.core.settings import Project
from pipeline.local import cleanup
from pipeline.local.context import ACCOUNT, LABEL, REGION, StackContext
from pipeline.local.stack import Stack
from pipeline.local.target_health import TargetHealth

ROLE = "measurement"
"""The role of all containers and volumes of a measurement: the stack's scheduler leaves them alone."""


@dataclass(frozen=True)
class MeasurementContext(StackContext):
    """As a stack's own, but for names and labels: `tandem down` finds its objects, the scheduler does not."""

    def name(self, *parts: str) -> str:
        return StackContext.name(self, ROLE, *parts)

    def labels(self, role: str, **_more: str) -> dict[str, str]:
        """The labels of a measurement's object, whatever its role; a label of a task would end it."""
        return StackContext.labels(self, ROLE, part=role)


def measurement_context(stack: Stack, client: DockerClient, project: Project) -> MeasurementContext:
    """The context for the stack's network; files go to the folder of `project`."""
    return MeasurementContext(
        stack=stack.id,
        project=project,
        network=stack.network,
        gateway="",
        docker=client,
        account=ACCOUNT,
        region=REGION,
        health=TargetHealth(),
    )


def remove_leftovers(client: DockerClient, stack: str) -> None:
    """Remove what a measurement left that was killed."""
    cleanup.remove_containers(client, stack, (ROLE,))
    cleanup.remove_measured_images(client, stack)
    labels = [f"{LABEL}.stack={stack}", f"{LABEL}.role={ROLE}"]
    for volume in client.volumes.list(filters={"label": labels}):
        with suppress(NotFound):
            partial(volume.remove, force=True)()
