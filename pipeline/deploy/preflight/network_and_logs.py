"""What tasks need around them: log groups and subnets."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from pipeline.aws import client as aws
from render.finding import Finding, Node


def log_groups(platform: Mapping[str, Any], task_definition: Mapping[str, Any]) -> Iterator[Finding]:
    groups = {
        container.node("logConfiguration").node("options").text("awslogs-group")
        for container in Node(task_definition).containers()
    }
    for group in sorted({*groups, str(platform.get("function_log_group", ""))} - {""}):
        with aws.asking(f"look for the log group {group}"):
            found = aws.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        if group not in {item.get("logGroupName") for item in found}:
            yield Finding(f"log group {group}", "does not exist", "make apply makes it again")


def subnets(platform: Mapping[str, Any]) -> Iterator[Finding]:
    wanted = [str(subnet) for subnet in platform.get("service_subnet_ids", [])]
    if not wanted:
        return
    try:
        found = aws.client("ec2").describe_subnets(SubnetIds=wanted)["Subnets"]
    except ClientError as error:
        problem = error.response.get("Error", {})
        yield Finding("subnets", problem.get("Message", str(error)), "make apply makes them again")
        return
    for subnet in found:
        if not subnet.get("AvailableIpAddressCount", 1):
            yield Finding(
                f"subnet {subnet.get('SubnetId')}", "has no free address", "remove tasks, or widen it"
            )
