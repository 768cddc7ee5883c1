"""The containers of a site as those of a task: same user, limits, variables and read-only files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.core.settings import Settings
from pipeline.core.values import Layout
from pipeline.local.ecs.planner.container_config import ContainerContext, task_container
from pipeline.local.ecs.planner.task_definition import TaskDefinition
from render.model import Logs, RenderInput, render


@dataclass(frozen=True)
class Mounted:
    """The content as a folder of this machine, mounted without leave to write."""

    folder: Path


@dataclass(frozen=True)
class VolumeOf:
    """The content as the volume of a container that has ended."""

    container: str
    image: str


Content = Mounted | VolumeOf | None
"""None: the content is in the app's image."""


def app_config(
    settings: Settings, image: str, content: Content, labels: Mapping[str, str], volumes: tuple[str, ...]
) -> dict[str, Any]:
    """The configuration of the app's container: that of a task's, with another place of the content."""
    definition = _definition(settings, image, Layout.SIDECAR if content else settings.task.layout)
    static = content.container if isinstance(content, VolumeOf) else "static"
    config = _container(definition, "app", labels, volumes, {"static": static})
    host = config["HostConfig"]
    if not isinstance(content, VolumeOf):
        host["VolumesFrom"] = []
    if isinstance(content, Mounted):
        target = settings.task.content_path
        host["Mounts"] += [
            {"Type": "bind", "Source": str(content.folder), "Target": target, "ReadOnly": True}
        ]
    return config


def static_config(
    settings: Settings, image: str, labels: Mapping[str, str], volumes: tuple[str, ...]
) -> dict[str, Any]:
    """The configuration of the container that fills the content's volume."""
    config = _container(_definition(settings, image, Layout.SIDECAR), "static", labels, volumes, {})
    config["HostConfig"]["NetworkMode"] = "none"
    return config


def _container(
    definition: TaskDefinition,
    name: str,
    labels: Mapping[str, str],
    volumes: tuple[str, ...],
    containers: Mapping[str, str],
) -> dict[str, Any]:
    context = ContainerContext(
        pause="dev",
        volumes={volume: volume for volume in definition.volumes},
        containers=containers,
        image_volumes=volumes,
        secrets={},
        labels=labels,
    )
    config = task_container(definition, definition[name], context)
    for mount in config["HostConfig"]["Mounts"]:
        del mount["Source"]  # a volume without a name goes with its container
    return config


def _definition(settings: Settings, image: str, layout: Layout) -> TaskDefinition:
    task = settings.task
    names = ("app", "static", "monolith", "site")
    raw = render(
        RenderInput(
            family="dev",
            layout=layout.value,
            images=dict.fromkeys(names, image),
            cpu=task.cpu,
            memory=task.memory,
            architecture=task.architecture,
            port=task.port,
            health_path=task.health_path,
            content_path=task.content_path,
            execution_role_arn="",
            task_role_arn="",
            logs=Logs(group="", region=""),
            environment=task.environment,
            read_only=task.read_only,
        )
    )
    return TaskDefinition.read({**raw, "taskDefinitionArn": "", "revision": 0})
