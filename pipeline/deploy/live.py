"""Read from AWS what runs now, and compare it with a release."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.aws import lambda_alias
from pipeline.aws.access import Aws
from pipeline.aws.autoscaling import minimum_tasks
from pipeline.aws.client_errors import explain_errors
from pipeline.core.platform import FUNCTION, TASKS, Platform
from pipeline.deploy.manifest import Release, api_variable
from render.diff import FieldChange, changes, compare
from render.fargate import request_of


@dataclass(frozen=True)
class LiveState:
    """The task definitions of the services and the function behind the alias; empty before the first release.

    `runtimes` are the planned runtimes of the API, `api_variables` those that the platform gives to its code.
    """

    task_definition_arn: str = ""
    task_definition: Mapping[str, Any] = field(default_factory=dict)
    desired: int = 0
    running: int = 0
    minimum: int | None = None
    """The least number of tasks if autoscaling owns it, else None."""
    api_task: Mapping[str, Any] = field(default_factory=dict)
    function: Mapping[str, Any] = field(default_factory=dict)
    runtimes: frozenset[str] = frozenset({FUNCTION})
    api_variables: Mapping[str, str] = field(default_factory=dict)
    alias_version: str = ""
    alias_weights: Mapping[str, float] = field(default_factory=dict)


def read_live(aws: Aws, platform: Platform) -> LiveState:
    """Ask ECS and Lambda; TandemError if they refuse."""
    service = _service(aws, platform.cluster_name, platform.service_name)
    alias = _alias(aws, platform.function_name)
    arn = str(service.get("taskDefinition", ""))
    runtimes = platform.with_planned().runtimes
    return LiveState(
        task_definition_arn=arn,
        task_definition=_task_definition(aws, arn) if arn else {},
        desired=int(service.get("desiredCount", 0)),
        running=int(service.get("runningCount", 0)),
        minimum=minimum_tasks(aws, platform.cluster_name, platform.service_name) if service else None,
        api_task=_api_task(aws, platform) if TASKS in runtimes else {},
        function=read_function(aws, platform.function_name) if alias else {},
        runtimes=runtimes,
        api_variables=platform.api_variables,
        alias_version=str(alias.get("FunctionVersion", "")),
        alias_weights=dict((alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}),
    )


def drift(expected: Release, live: LiveState) -> list[FieldChange]:
    """The differences between `expected` and what runs: changes by hand, or an apply that did not finish."""
    expected_task = {key: value for key, value in expected.task_definition.items() if key != "tags"}
    live_task = {key: value for key, value in live.task_definition.items() if key != "tags"}
    shares = {version: share for version, share in live.alias_weights.items() if share}
    return [
        *changes(expected_task, live_task),
        *_count(expected.count, live),
        *compare({"api": _function_on(live, expected)}, {"api": dict(live.function)}),
        *compare({"api_task": _task_on(live, expected)}, {"api_task": dict(live.api_task)}),
        *compare({}, {"api.alias": {"weights": shares}} if shares else {}),
    ]


def _count(expected: int, live: LiveState) -> list[FieldChange]:
    """The changed number of tasks; autoscaling may have any from its minimum on."""
    least = expected if live.minimum is None else max(live.minimum, live.desired)
    return compare({"service": {"desiredCount": least}}, {"service": {"desiredCount": live.desired}})


def expected_function(release: Release, variables: Mapping[str, str]) -> dict[str, Any]:
    """The function's configuration in the release, in the shape of `read_function`; empty without an API.

    `variables` are the platform's; the release's own come first.
    """
    api = api_variable(release)
    if api is None:
        return {}
    arns = {f"{name}_ARN": arn for name, arn in api["secrets"].items()}
    return {
        "image": api["image"],
        "memory": api["memory"],
        "timeout": api["timeout"],
        "environment": {**variables, **api["environment"], **arns},
        "reserved_concurrency": api["reserved_concurrency"] or None,
    }


def expected_task(release: Release, variables: Mapping[str, str]) -> dict[str, Any]:
    """The API's container in the release, in the shape of `LiveState.api_task`; empty without an API."""
    api = api_variable(release)
    if api is None:
        return {}
    environment = {**variables, **api["environment"]}
    return {"image": api["image"], "environment": environment, "secrets": api["secrets"]}


def _function_on(live: LiveState, expected: Release) -> dict[str, Any]:
    return expected_function(expected, live.api_variables) if FUNCTION in live.runtimes else {}


def _task_on(live: LiveState, expected: Release) -> dict[str, Any]:
    return expected_task(expected, live.api_variables) if TASKS in live.runtimes else {}


def _api_task(aws: Aws, platform: Platform) -> dict[str, Any]:
    """The API's container as its service runs it; empty if there is no service."""
    service = _service(aws, platform.cluster_name, platform.api_service_name)
    if not service:
        return {}
    (container,) = _task_definition(aws, str(service["taskDefinition"]))["containerDefinitions"]
    return {
        "image": container["image"],
        "environment": {item["name"]: item["value"] for item in container.get("environment", [])},
        "secrets": {item["name"]: item["valueFrom"] for item in container.get("secrets", [])},
    }


def _service(aws: Aws, cluster: str, name: str) -> Mapping[str, Any]:
    client = aws.client("ecs")
    with explain_errors(f"describe the service {name}"):
        try:
            services = client.describe_services(cluster=cluster, services=[name])["services"]
        except client.exceptions.ClusterNotFoundException:
            return {}
    active: list[Mapping[str, Any]] = [item for item in services if item.get("status") == "ACTIVE"]
    return active[0] if active else {}


def _task_definition(aws: Aws, arn: str) -> dict[str, Any]:
    with explain_errors(f"describe the task definition {arn}"):
        description = aws.client("ecs").describe_task_definition(taskDefinition=arn, include=["TAGS"])
    return request_of(description)


def _alias(aws: Aws, function: str) -> Mapping[str, Any]:
    client = aws.client("lambda")
    try:
        return client.get_alias(FunctionName=function, Name=lambda_alias.ALIAS)
    except client.exceptions.ResourceNotFoundException:
        return {}


def read_function(aws: Aws, name: str) -> dict[str, Any]:
    """The configuration of the version behind the alias; TandemError if there is none."""
    client = aws.client("lambda")
    with explain_errors(f"describe the function {name}"):
        try:
            description = client.get_function(FunctionName=name, Qualifier=lambda_alias.ALIAS)
        except client.exceptions.ResourceNotFoundException:
            return {}  # the alias points to a version that was deleted
        concurrency = client.get_function_concurrency(FunctionName=name)
    configuration = description["Configuration"]
    return {
        "image": description["Code"].get("ImageUri", ""),
        "memory": configuration.get("MemorySize"),
        "timeout": configuration.get("Timeout"),
        "environment": dict((configuration.get("Environment") or {}).get("Variables") or {}),
        "reserved_concurrency": concurrency.get("ReservedConcurrentExecutions"),
    }
