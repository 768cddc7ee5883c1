"""Check the log groups and the subnets of tasks."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.aws import client_errors
from pipeline.aws.access import Aws
from pipeline.aws.client_errors import ClientError, explain_errors
from pipeline.core.platform import Platform
from render.finding import Finding, Node


def log_groups(aws: Aws, platform: Platform, task_definition: Mapping[str, Any]) -> Iterator[Finding]:
    """A finding for each log group that the containers or the function name and that does not exist."""
    groups = {
        container.node("logConfiguration").node("options").text("awslogs-group")
        for container in Node(task_definition).containers()
    }
    for group in sorted({*groups, platform.function_log_group} - {""}):
        with explain_errors(f"look for the log group {group}"):
            existing = aws.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        if group not in {item.get("logGroupName") for item in existing}:
            yield Finding(f"log group {group}", "does not exist", "`make apply ENV=…` makes it again")


def subnets(aws: Aws, platform: Platform) -> Iterator[Finding]:
    """Findings if a subnet of the service does not exist or has no free address."""
    if not platform.service_subnet_ids:
        return
    try:
        descriptions = aws.client("ec2").describe_subnets(SubnetIds=platform.service_subnet_ids)["Subnets"]
    except ClientError as error:
        yield Finding("subnets", client_errors.reason(error), "`make apply ENV=…` makes them again")
        return
    for subnet in descriptions:
        if not subnet.get("AvailableIpAddressCount", 1):
            yield Finding(
                f"subnet {subnet.get('SubnetId')}", "has no free address", "remove tasks, or widen it"
            )
