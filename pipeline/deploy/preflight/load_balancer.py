"""The load balancer's side: the target groups and the listener's certificate."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from pipeline.aws import client as aws
from render.finding import Finding, Node

_SOON = timedelta(days=14)


def target_group(arn: str, task_definition: Mapping[str, Any]) -> Iterator[Finding]:
    if not arn:
        return
    try:
        (found,) = aws.client("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    except (ClientError, ValueError):
        yield Finding("target group", f"{arn} does not exist", "make apply makes it again")
        return
    if found.get("TargetType") != "ip":
        yield Finding("target group", f"takes targets of type {found.get('TargetType')}", "Fargate needs ip")
    ports = {
        mapping.number("containerPort")
        for container in Node(task_definition).containers()
        for mapping in container.nodes("portMappings")
    }
    if found.get("Port") not in ports:
        listening = ", ".join(sorted(map(str, ports)))
        yield Finding(
            "target group",
            f"sends to port {found.get('Port')}, the task listens on {listening}",
            "make apply after changing task.port",
        )


def certificate(platform: Mapping[str, Any]) -> Iterator[Finding]:
    arn = str(platform.get("listener_arn", ""))
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
                yield from _valid(attached["CertificateArn"])


def _valid(arn: str) -> Iterator[Finding]:
    with aws.asking(f"read the certificate {arn}"):
        found = aws.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    if found.get("Status") != "ISSUED":
        yield Finding("certificate", f"{arn} is {found.get('Status')}", "validate it, or attach another")
    ends = found.get("NotAfter")
    if ends and ends < datetime.now(UTC) + _SOON:
        yield Finding("certificate", f"{arn} ends on {ends:%Y-%m-%d}", "renew it")
