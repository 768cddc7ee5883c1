"""The settings of one RunTask call, and the task definition with its overrides."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from pipeline.local.ecs.planner.task_definition import ContainerDefinition, TaskDefinition

_MOST = 10
_OVERRIDABLE = frozenset({"name", "command", "environment"})


class RunTaskError(Exception):
    """ECS refuses the call; the text is its message."""


@dataclass(frozen=True)
class RunTaskRequest:
    """One RunTask call."""

    cluster: str
    task_definition: str
    count: int
    group: str
    started_by: str
    overrides: Mapping[str, Any]

    @classmethod
    def read(  # noqa: PLR0913 - the call's parameters
        cls,
        cluster: str,
        task_definition: str,
        count: int,
        network: Mapping[str, Any],
        overrides: Mapping[str, Any],
        *,
        group: str,
        started_by: str,
    ) -> Self:
        """Check the call's parameters.

        Raises:
            RunTaskError: they are not those of a task on Fargate.
        """
        if not 1 <= count <= _MOST:
            raise RunTaskError("The number of tasks to run must be between 1 and 10.")
        if not (network.get("awsvpcConfiguration") or {}).get("subnets"):
            raise RunTaskError(
                "Network Configuration must be provided when networkMode 'awsvpc' is specified."
            )
        return cls(cluster, task_definition, count, group, started_by, overrides)


def overridden(definition: TaskDefinition, overrides: Mapping[str, Any]) -> TaskDefinition:
    """The task definition with command and environment of `containerOverrides`.

    Raises:
        RunTaskError: an override names no container, or a setting that has no effect on this machine.
    """
    by_name = {item.get("name", ""): item for item in overrides.get("containerOverrides") or ()}
    unknown = by_name.keys() - {container.name for container in definition.containers}
    if unknown:
        names = ", ".join(sorted(unknown))
        raise RunTaskError(f"Override for container named {names} is not a container in the TaskDefinition.")
    unsupported = sorted(
        {key for item in by_name.values() for key in item.keys() - _OVERRIDABLE}
        | (overrides.keys() - {"containerOverrides"})
    )
    if unsupported:
        raise RunTaskError(f"The local AWS does not override {', '.join(unsupported)}.")
    containers = [_override(each, by_name.get(each.name, {})) for each in definition.containers]
    return replace(definition, containers=tuple(containers))


def _override(container: ContainerDefinition, override: Mapping[str, Any]) -> ContainerDefinition:
    variables = {item["name"]: item["value"] for item in override.get("environment") or ()}
    command = override.get("command")
    return replace(
        container,
        command=tuple(command) if command else container.command,
        environment=tuple({**dict(container.environment), **variables}.items()),
    )
