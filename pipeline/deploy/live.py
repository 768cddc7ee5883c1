"""What runs at this moment, asked of AWS and of nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.aws import client as aws
from pipeline.aws import lambda_alias
from pipeline.core import platform as runtimes
from pipeline.deploy.manifest import Release, tfvars
from render.diff import Change, changes, compare
from render.fargate import request_of


@dataclass(frozen=True)
class Running:
    """The services' task definitions and the function behind the alias; empty where there is none yet.

    `runtimes` are those that the API is to run on.
    """

    task_definition_arn: str = ""
    task_definition: Mapping[str, Any] = field(default_factory=dict)
    desired: int = 0
    running: int = 0
    is_scaled: bool = False
    """Whether autoscaling owns the desired count."""
    api_task: Mapping[str, Any] = field(default_factory=dict)
    function: Mapping[str, Any] = field(default_factory=dict)
    runtimes: frozenset[str] = frozenset({runtimes.FUNCTION})
    alias_version: str = ""
    alias_weights: Mapping[str, float] = field(default_factory=dict)


def look(platform: Mapping[str, Any]) -> Running:
    """Ask ECS and Lambda."""
    service = _service(str(platform["cluster_name"]), str(platform["service_name"]))
    alias = _alias(str(platform["function_name"]))
    arn = str(service.get("taskDefinition", ""))
    at = f"service/{platform['cluster_name']}/{platform['service_name']}"
    on = frozenset(runtimes.of(runtimes.needed(platform)))
    return Running(
        task_definition_arn=arn,
        task_definition=_task_definition(arn) if arn else {},
        desired=int(service.get("desiredCount", 0)),
        running=int(service.get("runningCount", 0)),
        is_scaled=bool(service) and _is_scaled(at),
        api_task=_api_task(platform) if runtimes.TASKS in on else {},
        function=function(str(platform["function_name"])) if alias else {},
        runtimes=on,
        alias_version=str(alias.get("FunctionVersion", "")),
        alias_weights=dict((alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}),
    )


def drift(expected: Release, running: Running) -> list[Change]:
    """Where what runs is not what `expected` says: someone changed it by hand, or it never got there."""
    wanted = {key: value for key, value in expected.task_definition.items() if key != "tags"}
    found = {key: value for key, value in running.task_definition.items() if key != "tags"}
    shares = {version: share for version, share in running.alias_weights.items() if share}
    return [
        *changes(wanted, found),
        *([] if running.is_scaled else _count(expected.count, running.desired)),
        *compare({"api": _function_on(running, expected)}, {"api": dict(running.function)}),
        *compare({"api_task": _task_on(running, expected)}, {"api_task": dict(running.api_task)}),
        *compare({}, {"api.alias": {"weights": shares}} if shares else {}),
    ]


def _count(expected: int, desired: int) -> list[Change]:
    return compare({"service": {"desiredCount": expected}}, {"service": {"desiredCount": desired}})


def function_of(release: Release) -> dict[str, Any]:
    """The function's configuration that the release asks for, in the words of `look`."""
    api = tfvars(release, {})["release"]["api"]
    arns = {f"{name}_ARN": arn for name, arn in api["secrets"].items()}
    return {
        "image": api["image"],
        "memory": api["memory"],
        "timeout": api["timeout"],
        "environment": {**api["environment"], **arns},
        "reserved_concurrency": api["reserved_concurrency"],
    }


def task_of(release: Release) -> dict[str, Any]:
    """The container of the API's tasks that the release asks for, in the words of `look`."""
    api = tfvars(release, {})["release"]["api"]
    return {name: api[name] for name in ("image", "environment", "secrets")}


def _function_on(running: Running, expected: Release) -> dict[str, Any]:
    return function_of(expected) if runtimes.FUNCTION in running.runtimes else {}


def _task_on(running: Running, expected: Release) -> dict[str, Any]:
    return task_of(expected) if runtimes.TASKS in running.runtimes else {}


def _api_task(platform: Mapping[str, Any]) -> dict[str, Any]:
    """The API's container as its service runs it; empty where there is no service."""
    service = _service(str(platform["cluster_name"]), f"{platform['service_name']}-api")
    if not service:
        return {}
    (container,) = _task_definition(str(service["taskDefinition"]))["containerDefinitions"]
    return {
        "image": container["image"],
        "environment": {item["name"]: item["value"] for item in container.get("environment", [])},
        "secrets": {item["name"]: item["valueFrom"] for item in container.get("secrets", [])},
    }


def _service(cluster: str, name: str) -> Mapping[str, Any]:
    client = aws.client("ecs")
    with aws.asking(f"describe the service {name}"):
        try:
            found = client.describe_services(cluster=cluster, services=[name])["services"]
        except client.exceptions.ClusterNotFoundException:
            return {}
    active: list[Mapping[str, Any]] = [item for item in found if item.get("status") != "INACTIVE"]
    return active[0] if active else {}


def _is_scaled(service: str) -> bool:
    with aws.asking(f"ask whether autoscaling owns {service}"):
        found = aws.client("application-autoscaling").describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=[service], ScalableDimension="ecs:service:DesiredCount"
        )
    return bool(found["ScalableTargets"])


def _task_definition(arn: str) -> dict[str, Any]:
    with aws.asking(f"describe the task definition {arn}"):
        found = aws.client("ecs").describe_task_definition(taskDefinition=arn, include=["TAGS"])
    return request_of(found)


def _alias(function: str) -> Mapping[str, Any]:
    client = aws.client("lambda")
    try:
        return client.get_alias(FunctionName=function, Name=lambda_alias.ALIAS)
    except client.exceptions.ResourceNotFoundException:
        return {}


def function(name: str) -> dict[str, Any]:
    """The configuration of the version that has the alias's traffic, in the words of `function_of`."""
    client = aws.client("lambda")
    with aws.asking(f"describe the function {name}"):
        found = client.get_function(FunctionName=name, Qualifier=lambda_alias.ALIAS)
        concurrency = client.get_function_concurrency(FunctionName=name)
    configuration = found["Configuration"]
    return {
        "image": found["Code"].get("ImageUri", ""),
        "memory": configuration.get("MemorySize"),
        "timeout": configuration.get("Timeout"),
        "environment": dict((configuration.get("Environment") or {}).get("Variables") or {}),
        "reserved_concurrency": concurrency.get("ReservedConcurrentExecutions"),
    }
