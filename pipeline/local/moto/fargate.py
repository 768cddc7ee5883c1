"""Refuse task definitions that Fargate does not run: the local scheduler plays Fargate on Docker."""

from collections.abc import Callable, Mapping
from typing import Any

from moto.ecs.exceptions import EcsClientException

from render.finding import Finding, Node, errors
from render.rules import forbidden, linux, volumes

_FARGATE = "FARGATE"
_NO_HOST_NETWORK = {None, "awsvpc", "bridge"}  # moto calls it bridge if the client says nothing
_RULES = (*forbidden.RULES, volumes.kinds, linux.tmpfs)


def find_problem(definition: Mapping[str, Any]) -> str:
    """Why Fargate does not run a task definition, as far as it would touch the machine; empty if it does."""
    root = Node(definition)
    findings: list[Finding] = errors(sorted({finding for rule in _RULES for finding in rule(root)}))
    network = definition.get("networkMode")
    is_declared = _FARGATE in (definition.get("requiresCompatibilities") or ())
    if network not in _NO_HOST_NETWORK or (is_declared and network not in {None, "awsvpc"}):
        return f"$.networkMode: Fargate tasks use awsvpc only, not {network!r}"
    return "; ".join(f"{each.path}: {each.rule}" for each in findings)


def registering(register: Callable[..., Any]) -> Callable[..., Any]:
    """RegisterTaskDefinition: refuse a definition that is declared for Fargate, and does not fit."""

    def register_task_definition(self: Any) -> Any:  # noqa: ANN401 - a moto object
        params = self._get_params()
        if _FARGATE in (params.get("requiresCompatibilities") or ()):
            _refuse(find_problem(params))
        return register(self)

    return register_task_definition


def starting(start: Callable[..., Any]) -> Callable[..., Any]:
    """Calls that start tasks: refuse every definition that does not fit, for all tasks run as on Fargate."""

    def start_tasks(self: Any) -> Any:  # noqa: ANN401 - a moto object
        name = self._get_params().get("taskDefinition")
        if name:
            _refuse(find_problem(_described(self.ecs_backend.describe_task_definition(name))))
        return start(self)

    return start_tasks


def _refuse(problem: str) -> None:
    if problem:
        raise EcsClientException(f"The task definition is not compatible with Fargate: {problem}")


def _described(task_definition: Any) -> dict[str, Any]:  # noqa: ANN401 - a moto object
    return {
        "containerDefinitions": task_definition.container_definitions,
        "volumes": task_definition.volumes,
        "networkMode": task_definition.network_mode,
        "pidMode": task_definition.pid_mode,
        "ipcMode": task_definition.ipc_mode,
        "placementConstraints": task_definition.placement_constraints,
        "inferenceAccelerators": task_definition.inference_accelerators,
    }
