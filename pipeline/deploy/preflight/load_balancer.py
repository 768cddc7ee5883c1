"""Check the load balancer: target groups, listener and certificates."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.aws.client import Aws
from pipeline.aws.errors import ClientError, explain_errors
from pipeline.core.platform import Platform
from render.finding import Finding, Node

_VALID_FOR = timedelta(days=14)


def target_group(aws: Aws, arn: str, task_definition: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings if the target group does not exist or does not fit the task definition."""
    if not arn:
        return
    try:
        (group,) = aws.client("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    except (ClientError, ValueError):
        yield Finding("target group", f"{arn} does not exist", "make apply makes it again")
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
            "make apply after changing task.port",
        )


def certificates(aws: Aws, platform: Platform) -> Iterator[Finding]:
    """Findings if the listener does not exist, or a certificate is not valid for another 14 days."""
    arn = platform.listener_arn
    if not arn:
        return
    try:
        listeners = aws.client("elbv2").describe_listeners(ListenerArns=[arn])["Listeners"]
    except ClientError:
        yield Finding("listener", f"{arn} does not exist", "make apply makes it again")
        return
    for listener in listeners:
        for attached in listener.get("Certificates", []):
            if attached.get("CertificateArn"):
                yield from _check_certificate(aws, attached["CertificateArn"])


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
