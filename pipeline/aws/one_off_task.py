"""ECS: one task that runs a command once, on Fargate and outside of every service."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.aws.access import Aws
from pipeline.aws.client_errors import explain_errors
from pipeline.aws.ecs import Task, parse_task
from pipeline.core.errors import TandemError

_REASON = 255  # characters that StopTask takes


@dataclass(frozen=True)
class TaskNetwork:
    """Where a task runs: subnets, security groups, and whether it gets a public address."""

    subnets: Sequence[str]
    security_groups: Sequence[str]
    has_public_address: bool

    def to_request(self) -> Any:  # noqa: ANN401 - boto3's type is a TypedDict of its own
        """The parameter `networkConfiguration`."""
        return {
            "awsvpcConfiguration": {
                "subnets": list(self.subnets),
                "securityGroups": list(self.security_groups),
                "assignPublicIp": "ENABLED" if self.has_public_address else "DISABLED",
            }
        }


def find_revision(aws: Aws, family: str, image: str) -> str | None:
    """The ARN of the newest active revision of `family` that runs `image`; None if there is none."""
    client = aws.client("ecs")
    with explain_errors(f"list the revisions of {family}"):
        pages = client.get_paginator("list_task_definitions").paginate(
            familyPrefix=family, status="ACTIVE", sort="DESC"
        )
        for arn in (arn for page in pages for arn in page["taskDefinitionArns"]):
            revision = client.describe_task_definition(taskDefinition=arn)["taskDefinition"]
            images = {container.get("image") for container in revision["containerDefinitions"]}
            if revision["family"] == family and image in images:
                return arn
    return None


def run_task(  # noqa: PLR0913 - what a task is started with
    aws: Aws,
    cluster: str,
    revision: str,
    network: TaskNetwork,
    command: Sequence[str],
    *,
    container: str,
    started_by: str,
) -> str:
    """Start one task of `revision` with `command` in its container; returns the task's ARN.

    Raises:
        TandemError: ECS refuses, or has no room for the task.
    """
    with explain_errors("start the task"):
        answer = aws.client("ecs").run_task(
            cluster=cluster,
            taskDefinition=revision,
            launchType="FARGATE",
            networkConfiguration=network.to_request(),
            overrides={"containerOverrides": [{"name": container, "command": list(command)}]},
            startedBy=started_by,
        )
    if not answer["tasks"]:
        reasons = (
            ", ".join(item.get("reason", "") for item in answer.get("failures", [])) or "no reason given"
        )
        raise TandemError(f"ECS started no task: {reasons}", hint="run the same command again later")
    return answer["tasks"][0]["taskArn"]


def read_task(aws: Aws, cluster: str, arn: str) -> Task | None:
    """The task as ECS describes it; None once ECS has forgotten it, about an hour after its end."""
    with explain_errors(f"describe the task {arn}"):
        tasks = aws.client("ecs").describe_tasks(cluster=cluster, tasks=[arn])["tasks"]
    return parse_task(tasks[0]) if tasks else None


def stop_task(aws: Aws, cluster: str, arn: str, reason: str) -> None:
    """Ask ECS to stop the task; TandemError if it refuses."""
    with explain_errors(f"stop the task {arn}"):
        aws.client("ecs").stop_task(cluster=cluster, task=arn, reason=reason[:_REASON])
