"""Name the settings of task definitions and services that the local stack ignores."""

from collections.abc import Iterator, Mapping
from typing import Any

_TASK = frozenset({
    *("taskDefinitionArn", "family", "revision", "cpu", "memory", "volumes", "containerDefinitions"),
    *("status", "requiresAttributes", "compatibilities", "requiresCompatibilities", "registeredAt"),
    *("registeredBy", "taskRoleArn", "executionRoleArn", "networkMode", "runtimePlatform", "pidMode"),
    "ephemeralStorage",
})  # fmt: skip
_CONTAINER = frozenset({
    *("name", "image", "essential", "cpu", "memory", "memoryReservation", "entryPoint", "command"),
    *("environment", "environmentFiles", "secrets", "mountPoints", "volumesFrom", "dependsOn"),
    *("portMappings", "healthCheck"),
    *("logConfiguration", "user", "workingDirectory", "readonlyRootFilesystem", "ulimits"),
    *("linuxParameters", "dockerLabels", "interactive", "pseudoTerminal", "startTimeout", "stopTimeout"),
    *("versionConsistency", "repositoryCredentials", "restartPolicy"),
})  # fmt: skip
_LINUX = frozenset({"capabilities", "initProcessEnabled", "tmpfs"})

_CONFIGURATION = frozenset({"minimumHealthyPercent", "maximumPercent", "deploymentCircuitBreaker"})


def service_unsupported(service: Any, configuration: Mapping[str, Any]) -> Iterator[str]:  # noqa: ANN401
    """Name each setting of a moto service that the scheduler ignores."""
    for key, value in configuration.items():
        default = key == "alarms" and not value.get("enable")
        default = default or (key == "strategy" and value == "ROLLING")
        if value and key not in _CONFIGURATION and not default:
            yield f"deploymentConfiguration.{key}"
    if service.deployment_controller.get("type", "ECS") != "ECS":
        yield f"deploymentController.type={service.deployment_controller['type']}"
    if service.scheduling_strategy != "REPLICA":
        yield f"schedulingStrategy={service.scheduling_strategy}"
    if service.service_registries:
        yield "serviceRegistries"


def unsupported(raw: Mapping[str, Any]) -> Iterator[str]:
    """Name each setting of a task definition that the scheduler ignores, with its path."""
    yield from (key for key, value in raw.items() if value and key not in _TASK)
    for volume in raw.get("volumes") or ():
        yield from (
            f"volumes[{volume['name']}].{key}" for key, value in volume.items() if value and key != "name"
        )
    for item in raw["containerDefinitions"]:
        path = f"containerDefinitions[{item['name']}]"
        yield from (f"{path}.{key}" for key, value in item.items() if value and key not in _CONTAINER)
        linux = item.get("linuxParameters") or {}
        yield from (
            f"{path}.linuxParameters.{key}" for key, value in linux.items() if value and key not in _LINUX
        )
        driver = (item.get("logConfiguration") or {}).get("logDriver", "awslogs")
        if driver != "awslogs":
            yield f"{path}.logConfiguration.logDriver={driver}"
