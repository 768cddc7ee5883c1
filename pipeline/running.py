"""What runs at this moment, asked of AWS and of nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline import aws, probe
from pipeline.release import Release, tfvars
from render.diff import Change, changes, compare
from render.fargate import request_of


@dataclass(frozen=True)
class Running:
    """The service's task definition and the function behind the alias; empty where there is none yet."""

    task_definition_arn: str = ""
    task_definition: Mapping[str, Any] = field(default_factory=dict)
    desired: int = 0
    running: int = 0
    is_scaled: bool = False
    """Whether autoscaling owns the desired count."""
    function: Mapping[str, Any] = field(default_factory=dict)
    alias_version: str = ""
    alias_weights: Mapping[str, float] = field(default_factory=dict)


def look(platform: Mapping[str, Any]) -> Running:
    """Ask ECS and Lambda."""
    service = _service(str(platform["cluster_name"]), str(platform["service_name"]))
    alias = _alias(str(platform["function_name"]))
    arn = str(service.get("taskDefinition", ""))
    at = f"service/{platform['cluster_name']}/{platform['service_name']}"
    return Running(
        task_definition_arn=arn,
        task_definition=_task_definition(arn) if arn else {},
        desired=int(service.get("desiredCount", 0)),
        running=int(service.get("runningCount", 0)),
        is_scaled=bool(service) and _is_scaled(at),
        function=function(str(platform["function_name"])) if alias else {},
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
        *compare({"api": function_of(expected)}, {"api": dict(running.function)}),
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
        return client.get_alias(FunctionName=function, Name=probe.ALIAS)
    except client.exceptions.ResourceNotFoundException:
        return {}


def function(name: str) -> dict[str, Any]:
    """The configuration of the version that has the alias's traffic, in the words of `function_of`."""
    client = aws.client("lambda")
    with aws.asking(f"describe the function {name}"):
        found = client.get_function(FunctionName=name, Qualifier=probe.ALIAS)
        concurrency = client.get_function_concurrency(FunctionName=name)
    configuration = found["Configuration"]
    return {
        "image": found["Code"].get("ImageUri", ""),
        "memory": configuration.get("MemorySize"),
        "timeout": configuration.get("Timeout"),
        "environment": dict((configuration.get("Environment") or {}).get("Variables") or {}),
        "reserved_concurrency": concurrency.get("ReservedConcurrentExecutions"),
    }
