"""What an estimate is made of: Terraform's plan, and the settings as long as there is no release."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline import infra
from pipeline.cost.estimate import Planned
from pipeline.settings import Project, Settings


def resources(project: Project, environment: str, *, registry_host: str | None = None) -> list[Planned]:
    """What the environment will consist of, once both roots are applied."""
    platform = infra.platform(project, environment, registry_host=registry_host)
    found = [*_planned(platform.planned())]
    if _written(project.state / environment):
        return [*found, *_planned(infra.release(project, environment).planned())]
    return [*found, *from_settings(project.settings)]


def _written(folder: Path) -> bool:
    return all((folder / f"{name}.tfvars.json").is_file() for name in ("platform", "release"))


def _planned(plan: Mapping[str, Any]) -> Iterator[Planned]:
    yield from _within(plan.get("planned_values", {}).get("root_module", {}))


def _within(module: Mapping[str, Any]) -> Iterator[Planned]:
    for resource in module.get("resources", []):
        if resource.get("mode") == "managed":
            yield Planned(resource["type"], resource["address"], resource.get("values") or {})
    for child in module.get("child_modules", []):
        yield from _within(child)


def from_settings(settings: Settings) -> list[Planned]:
    """The service and the function of a first release, as tandem.toml describes them."""
    task, api = settings.task, settings.api
    definition = {
        "cpu": task.cpu,
        "memory": task.memory,
        "runtime_platform": [{"cpu_architecture": task.architecture}],
    }
    function = {
        "function_name": f"{settings.name} API",
        "memory_size": api.memory,
        "architectures": [task.architecture.lower()],
    }
    return [
        Planned("aws_ecs_task_definition", "module.service.aws_ecs_task_definition.this", definition),
        Planned(
            "aws_ecs_service",
            "module.service.aws_ecs_service.fixed",
            {"name": settings.name, "desired_count": task.count},
        ),
        Planned("aws_lambda_function", "module.api.aws_lambda_function.this", function),
        Planned("aws_cloudwatch_dashboard", "module.dashboard.aws_cloudwatch_dashboard.this", {}),
    ]


def read(file: Path) -> list[Planned]:
    """From a file that `terraform show -json <plan>` wrote."""
    return [*_planned(json.loads(file.read_text(encoding="utf-8")))]
