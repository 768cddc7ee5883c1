"""Roles exist, and trust the service that takes them on."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from pipeline.aws.client import Aws
from pipeline.aws.errors import explain_errors
from pipeline.core.platform import Platform
from render.finding import Finding

_TASKS, _FUNCTIONS = "ecs-tasks.amazonaws.com", "lambda.amazonaws.com"
_APPLY = "make apply makes it again"


def check(aws: Aws, platform: Platform, task_definition: Mapping[str, Any]) -> Iterator[Finding]:
    roles = [
        ("execution role", task_definition.get("executionRoleArn"), _TASKS),
        ("task role", task_definition.get("taskRoleArn"), _TASKS),
        ("function role", platform.function_role_arn, _FUNCTIONS),
    ]
    for what, arn, service in roles:
        if arn:
            yield from _role(aws, what, str(arn), service)


def _role(aws: Aws, what: str, arn: str, service: str) -> Iterator[Finding]:
    client, name = aws.client("iam"), arn.rpartition("/")[2]
    with explain_errors(f"read the role {name}"):
        try:
            policy = client.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        except client.exceptions.NoSuchEntityException:
            yield Finding(what, f"{arn} does not exist", _APPLY)
            return
    if service not in _trusted(policy):
        yield Finding(what, f"{name} does not trust {service}", f"let {service} assume it; {_APPLY}")


def _trusted(policy: Any) -> set[str]:  # noqa: ANN401 - botocore decodes it, some servers do not
    document = json.loads(unquote(policy)) if isinstance(policy, str) else policy
    services: set[str] = set()
    for statement in document.get("Statement", []):
        principal = statement.get("Principal")
        named = principal.get("Service", []) if isinstance(principal, Mapping) else []
        if statement.get("Effect") == "Allow":
            services.update([named] if isinstance(named, str) else named)
    return services
