"""Check the load balancer: target groups, listener and certificates."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.aws.access import Aws
from pipeline.aws.client_errors import ClientError, explain_errors
from pipeline.core.platform import TASKS, Platform
from pipeline.core.settings import Settings
from render.finding import Finding, Node

_VALID_FOR = timedelta(days=14)


_PORT = "`tandem apply`, if task.port was changed"
_OLD_PORT = (
    "a rollback leaves the load balancer as it is: set task.port back, push the app's older commit again, "
    "and `tandem apply`"
)


def target_group(
    aws: Aws, arn: str, task_definition: Mapping[str, Any], *, is_old: bool = False
) -> Iterator[Finding]:
    """Findings if the target group does not exist or does not fit the task, of a rollback if `is_old`."""
    if not arn:
        return
    try:
        (group,) = aws.client("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    except (ClientError, ValueError):
        yield Finding("target group", f"{arn} does not exist", "`make apply ENV=…` makes it again")
        return
    if group.get("TargetType") != "ip":
        yield Finding("target group", f"takes targets of type {group.get('TargetType')}", "Fargate needs ip")
    ports = {
        mapping.number("containerPort")
        for container in Node(task_definition).containers()
        for mapping in container.nodes("portMappings")
    }
    if group.get("Port") not in ports:
        listening = ", ".join(sorted(map(str, ports)))
        yield Finding(
            "target group",
            f"sends to port {group.get('Port')}, the task listens on {listening}",
            _OLD_PORT if is_old else _PORT,
        )


def settings_applied(aws: Aws, platform: Platform, settings: Settings, environment: str) -> Iterator[Finding]:
    """Findings where the load balancer is not what tandem.toml says: it was changed, and not applied."""
    hint = f"tandem apply --env {environment}"
    groups = {platform.app_target_group_arn: settings.task.health_path}
    tasks = (platform.api_target_group_arns or {}).get(TASKS, "")
    if tasks:
        groups[tasks] = f"{settings.api.path}/health"
    for arn, path in groups.items():
        health_path = _health_path(aws, arn)
        if health_path and health_path != path:
            yield Finding("target group", f"asks {health_path}, tandem.toml says {path}", hint)
    if settings.api.enabled and not platform.runtimes:
        yield Finding("listener", "sends nothing to the API, which tandem.toml has", hint)
        return
    if not settings.api.enabled:
        return  # `Preflight` compares the platform with the release
    paths = _paths(aws, platform.listener_arn)
    if paths and settings.api.path not in paths:
        path_list = ", ".join(sorted(paths))
        yield Finding("listener", f"sends {path_list} to the API, tandem.toml says {settings.api.path}", hint)


def _health_path(aws: Aws, arn: str) -> str:
    """The path that the group's health checks ask for; empty if there is no such group."""
    if not arn:
        return ""
    try:
        groups = aws.client("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    except ClientError:
        return ""  # `target_group` reports it
    return str(groups[0].get("HealthCheckPath", ""))


def _paths(aws: Aws, listener: str) -> set[str]:
    """The paths for which the listener has rules; empty if there is no listener."""
    if not listener:
        return set()
    try:
        rules = aws.client("elbv2").describe_rules(ListenerArn=listener)["Rules"]
    except ClientError:
        return set()  # `certificates` reports it
    conditions = [condition for rule in rules for condition in rule.get("Conditions", [])]
    return {
        value
        for condition in conditions
        if condition.get("Field") == "path-pattern"
        for value in condition.get("PathPatternConfig", condition).get("Values", [])
    }


def certificates(aws: Aws, platform: Platform) -> Iterator[Finding]:
    """Findings if the listener does not exist, or a certificate is not valid for another 14 days."""
    arn = platform.listener_arn
    if not arn:
        return
    try:
        listeners = aws.client("elbv2").describe_listeners(ListenerArns=[arn])["Listeners"]
    except ClientError:
        yield Finding("listener", f"{arn} does not exist", "`make apply ENV=…` makes it again")
        return
    for listener in listeners:
        for certificate in listener.get("Certificates", []):
            if certificate.get("CertificateArn"):
                yield from _check_certificate(aws, certificate["CertificateArn"])


def _check_certificate(aws: Aws, arn: str) -> Iterator[Finding]:
    with explain_errors(f"read the certificate {arn}"):
        certificate = aws.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    if certificate.get("Status") != "ISSUED":
        yield Finding(
            "certificate", f"{arn} is {certificate.get('Status')}", "validate it, or attach another"
        )
    ends = certificate.get("NotAfter")
    if ends and ends < datetime.now(UTC) + _VALID_FOR:
        yield Finding("certificate", f"{arn} ends on {ends:%Y-%m-%d}", "renew it")
