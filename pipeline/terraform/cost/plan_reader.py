"""What an estimate is made of: Terraform's plan, and the settings as long as there is no release."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from pipeline.aws.client import Aws
from pipeline.core.paths import TERRAFORM
from pipeline.core.platform import FUNCTION, TASKS
from pipeline.core.settings import Project, Settings
from pipeline.terraform import roots as infra
from pipeline.terraform.cost.breakeven import Api
from pipeline.terraform.cost.estimate import Function, Planned, Size
from pipeline.terraform.variable_values import variable_values

_RELEASE = TERRAFORM / "release"
VARIABLES = ("api_cpu", "api_count", "api_warmth", "api_provisioned_concurrency", "spot_share")
"""Of the release root: what the API is given there."""

Variables = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """What is estimated: the resources, and what the API is given on either runtime."""

    resources: list[Planned]
    api: Api


def subject(project: Project, environment: str, aws: Aws, *, registry_host: str | None = None) -> Subject:
    """What the environment will consist of, once both roots are applied."""
    plan = infra.platform(project, environment, aws, registry_host=registry_host).planned()
    has_address = bool(_output(plan, "service_assign_public_ip"))
    if _written(project.state / environment):
        release = infra.release(project, environment, aws).planned()
        api = _api(project.settings, _variables(release), has_address=has_address)
        return Subject([*_planned(plan), *_planned(release)], api)
    files = infra.environment_files(project, environment, "release")
    variables = variable_values(_RELEASE, VARIABLES, files)
    api = _api(project.settings, variables, has_address=has_address)
    runtime = str(_variables(plan).get("api_runtime", FUNCTION))
    return Subject([*_planned(plan), *from_settings(project.settings, api, runtime)], api)


def read(file: Path, settings: Settings) -> Subject:
    """From a file that `terraform show -json <plan>` wrote, of either root."""
    plan = json.loads(file.read_text(encoding="utf-8"))
    resources = [*_planned(plan)]
    networks = (item.values.get("network_configuration") for item in resources)
    has_address = any((network or [{}])[0].get("assign_public_ip") for network in networks)
    return Subject(resources, _api(settings, _with_defaults(_variables(plan)), has_address=has_address))


def from_settings(settings: Settings, api: Api, runtime: str = FUNCTION) -> list[Planned]:
    """The service and the API of a first release, as tandem.toml and Terraform's variables describe them."""
    task = settings.task
    site = Size(task.cpu / 1024, task.memory / 1024, 0, api.function.arm)
    found = _service("module.service", settings.name, task.count, site, api)
    if runtime == TASKS:
        found += _service("module.api_task[0]", f"{settings.name} API", api.tasks, api.size, api)
    else:
        found += _function(f"{settings.name} API", api.function)
    return [*found, Planned("aws_cloudwatch_dashboard", "module.dashboard.aws_cloudwatch_dashboard.this", {})]


def _service(module: str, name: str, count: int, size: Size, api: Api) -> list[Planned]:
    definition = {
        "cpu": size.vcpu * 1024,
        "memory": size.gib * 1024,
        "runtime_platform": [{"cpu_architecture": "ARM64" if size.arm else "X86_64"}],
    }
    weights = {"FARGATE": 1 - api.spot, "FARGATE_SPOT": api.spot}
    service = {
        "name": name,
        "desired_count": count,
        "network_configuration": [{"assign_public_ip": api.has_address}],
        "capacity_provider_strategy": [
            {"capacity_provider": provider, "weight": weight} for provider, weight in weights.items()
        ],
    }
    return [
        Planned("aws_ecs_task_definition", f"{module}.aws_ecs_task_definition.this", definition),
        Planned("aws_ecs_service", f"{module}.aws_ecs_service.fixed", service),
    ]


def _function(name: str, function: Function) -> list[Planned]:
    values = {
        "function_name": name,
        "memory_size": function.memory,
        "architectures": ["arm64" if function.arm else "x86_64"],
    }
    ready = Planned(
        "aws_lambda_provisioned_concurrency_config",
        "module.api.aws_lambda_provisioned_concurrency_config.this[0]",
        {"provisioned_concurrent_executions": function.ready},
    )
    found = [Planned("aws_lambda_function", "module.api.aws_lambda_function.this", values)]
    return [*found, ready] if function.ready else found


def _api(settings: Settings, variables: Variables, *, has_address: bool) -> Api:
    memory, arm = settings.api.memory, settings.task.architecture == "ARM64"
    is_ready = variables["api_warmth"] == "provisioned"
    cpu = int(variables["api_cpu"])
    return Api(
        function=Function(memory, arm, int(variables["api_provisioned_concurrency"]) if is_ready else 0),
        size=Size(cpu / 1024, _task_memory(cpu, memory) / 1024, 0, arm),
        tasks=int(variables["api_count"]),
        spot=float(variables["spot_share"]) / 100,
        has_address=has_address,
    )


def _task_memory(cpu: int, memory: int) -> int:
    """MiB of one of its tasks, as terraform/release/api_task.tf works it out."""
    step = max(1024, cpu // 2)
    return 2 * cpu if memory <= 2 * cpu else step * ceil(memory / step)


def _written(folder: Path) -> bool:
    return all((folder / f"{name}.tfvars.json").is_file() for name in ("platform", "release"))


def _with_defaults(variables: Variables) -> Variables:
    """A plan's variables; those of the release root that a platform plan lacks get their defaults."""
    missing = [name for name in VARIABLES if name not in variables]
    return {**variable_values(_RELEASE, missing, []), **variables} if missing else variables


def _variables(plan: Mapping[str, Any]) -> dict[str, Any]:
    """As the plan was made with; defaults are among them."""
    return {name: held.get("value") for name, held in plan.get("variables", {}).items()}


def _output(plan: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - whatever it is
    return plan.get("planned_values", {}).get("outputs", {}).get(name, {}).get("value")


def _planned(plan: Mapping[str, Any]) -> Iterator[Planned]:
    yield from _within(plan.get("planned_values", {}).get("root_module", {}))


def _within(module: Mapping[str, Any]) -> Iterator[Planned]:
    for resource in module.get("resources", []):
        if resource.get("mode") == "managed":
            yield Planned(resource["type"], resource["address"], resource.get("values") or {})
    for child in module.get("child_modules", []):
        yield from _within(child)
