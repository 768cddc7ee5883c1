"""Read what is estimated: Terraform's plans, or tandem.toml before the first release."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from pipeline.aws.access import Aws
from pipeline.core.errors import TandemError
from pipeline.core.paths import TERRAFORM
from pipeline.core.platform import FUNCTION, TASKS
from pipeline.core.settings import Project, Settings
from pipeline.terraform import roots
from pipeline.terraform.cost.breakeven import ApiCapacity
from pipeline.terraform.cost.estimate import FunctionSize, PlannedResource, TaskSize
from pipeline.terraform.environment_paths import environment_files
from pipeline.terraform.variable_values import variable_values

_RELEASE = TERRAFORM / "release"
VARIABLES = ("api_cpu", "api_count", "api_warmth", "api_provisioned_concurrency", "spot_share")
"""The variables of the release root that size the API."""
_LARGEST, _LARGEST_MEMORY = 32768, 61440  # CPU units, and the least MiB with them

Variables = Mapping[str, Any]


@dataclass(frozen=True)
class CostInputs:
    """The inputs of an estimate: the planned resources, and the API's capacity on either runtime."""

    resources: list[PlannedResource]
    api: ApiCapacity


def read_environment(
    project: Project, environment: str, aws: Aws, *, registry_host: str | None = None
) -> CostInputs:
    """The environment as it will be once both roots are applied.

    Raises:
        TandemError: Terraform cannot plan a root, or refuses the value of a variable.

    """
    plan = roots.platform(project, environment, aws, registry_host=registry_host).planned()
    has_address = bool(_output(plan, "service_assign_public_ip"))
    if _has_release_variables(project.state / environment):
        release = roots.release(project, environment, aws).planned()
        api = _api_capacity(project.settings, _variables(release), has_address=has_address)
        return CostInputs([*_planned_resources(plan), *_planned_resources(release)], api)
    files = environment_files(project, environment, "release")
    variables = variable_values(_RELEASE, VARIABLES, files)
    api = _api_capacity(project.settings, variables, has_address=has_address)
    runtime = str(_variables(plan).get("api_runtime", FUNCTION))
    return CostInputs(
        [*_planned_resources(plan), *resources_from_settings(project.settings, api, runtime)], api
    )


def read_plan_file(file: Path, settings: Settings) -> CostInputs:
    """The plan of either root, from a file that `terraform show -json <plan>` wrote.

    Raises:
        TandemError: The file is no such plan; or it lacks variables of the release root, and Terraform is
            missing.
    """
    plan, resources = _load_plan(file)
    networks = (item.values.get("network_configuration") for item in resources)
    has_address = any((network or [{}])[0].get("assign_public_ip") for network in networks)
    return CostInputs(
        resources, _api_capacity(settings, _with_defaults(_variables(plan)), has_address=has_address)
    )


def _load_plan(file: Path) -> tuple[dict[str, Any], list[PlannedResource]]:
    hint = "terraform plan -out=tfplan && terraform show -json tfplan > plan.json"
    try:
        plan: dict[str, Any] = json.loads(file.read_bytes())
        return plan, list(_planned_resources(plan))
    except OSError as error:
        raise TandemError(f"cannot read {file}: {error.strerror}", hint=hint) from error
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError) as error:
        raise TandemError(f"{file} is no plan in JSON: {type(error).__name__}", hint=hint) from error


def resources_from_settings(
    settings: Settings, api: ApiCapacity, runtime: str = FUNCTION
) -> list[PlannedResource]:
    """The resources of a first release, as tandem.toml and Terraform's variables describe them."""
    task = settings.task
    site = TaskSize(task.cpu / 1024, task.memory / 1024, 0, api.function.arm)
    resources = _service_resources("module.service", settings.name, task.count, site, api)
    if runtime == TASKS:
        resources += _service_resources(
            "module.api_task[0]", f"{settings.name} API", api.tasks, api.size, api
        )
    else:
        resources += _function_resources(f"{settings.name} API", api.function)
    return [
        *resources,
        PlannedResource("aws_cloudwatch_dashboard", "module.dashboard.aws_cloudwatch_dashboard.this", {}),
    ]


def _service_resources(
    module: str, name: str, count: int, size: TaskSize, api: ApiCapacity
) -> list[PlannedResource]:
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
        PlannedResource("aws_ecs_task_definition", f"{module}.aws_ecs_task_definition.this", definition),
        PlannedResource("aws_ecs_service", f"{module}.aws_ecs_service.fixed", service),
    ]


def _function_resources(name: str, function: FunctionSize) -> list[PlannedResource]:
    values = {
        "function_name": name,
        "memory_size": function.memory,
        "architectures": ["arm64" if function.arm else "x86_64"],
    }
    provisioned = PlannedResource(
        "aws_lambda_provisioned_concurrency_config",
        "module.api.aws_lambda_provisioned_concurrency_config.this[0]",
        {"provisioned_concurrent_executions": function.ready},
    )
    resources = [PlannedResource("aws_lambda_function", "module.api.aws_lambda_function.this", values)]
    return [*resources, provisioned] if function.ready else resources


def _api_capacity(settings: Settings, variables: Variables, *, has_address: bool) -> ApiCapacity:
    memory, arm = settings.api.memory, settings.task.architecture == "ARM64"
    is_ready = variables["api_warmth"] == "provisioned"
    cpu = int(variables["api_cpu"])
    return ApiCapacity(
        function=FunctionSize(memory, arm, int(variables["api_provisioned_concurrency"]) if is_ready else 0),
        size=TaskSize(cpu / 1024, _task_memory(cpu, memory) / 1024, 0, arm),
        tasks=int(variables["api_count"]),
        spot=float(variables["spot_share"]) / 100,
        has_address=has_address,
    )


def _task_memory(cpu: int, memory: int) -> int:
    """MiB of one API task, by the formula of terraform/release/api_task.tf."""
    step, least = max(1024, cpu // 2), _LARGEST_MEMORY if cpu == _LARGEST else 2 * cpu
    return least if memory <= least else step * ceil(memory / step)


def _has_release_variables(folder: Path) -> bool:
    return all((folder / f"{name}.tfvars.json").is_file() for name in ("platform", "release"))


def _with_defaults(variables: Variables) -> Variables:
    """A plan's variables; those of the release root that a platform plan lacks get their defaults."""
    missing = [name for name in VARIABLES if name not in variables]
    return {**variable_values(_RELEASE, missing, []), **variables} if missing else variables


def _variables(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the plan's variables, defaults included."""
    return {name: variable.get("value") for name, variable in plan.get("variables", {}).items()}


def _output(plan: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - any JSON value
    return plan.get("planned_values", {}).get("outputs", {}).get(name, {}).get("value")


def _planned_resources(plan: Mapping[str, Any]) -> Iterator[PlannedResource]:
    yield from _resources_of(plan.get("planned_values", {}).get("root_module", {}))


def _resources_of(module: Mapping[str, Any]) -> Iterator[PlannedResource]:
    for resource in module.get("resources", []):
        if resource.get("mode") == "managed":
            yield PlannedResource(resource["type"], resource["address"], resource.get("values") or {})
    for child in module.get("child_modules", []):
        yield from _resources_of(child)
