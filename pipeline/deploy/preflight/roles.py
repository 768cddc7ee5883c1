"""Check that roles exist and trust the service that assumes them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from pipeline.aws.access import Aws
from pipeline.aws.client_errors import explain_errors
from pipeline.core.platform import Platform
from render.finding import Finding

_TASKS, _FUNCTIONS = "ecs-tasks.amazonaws.com", "lambda.amazonaws.com"
_APPLY = "`make apply ENV=…` makes it again"


def check(aws: Aws, platform: Platform, task_definition: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings for the roles of tasks and function."""
    roles = [
        ("execution role", task_definition.get("executionRoleArn"), _TASKS),
        ("task role", task_definition.get("taskRoleArn"), _TASKS),
        ("API's task role", platform.api_task_role_arn, _TASKS),
        ("function role", platform.function_role_arn, _FUNCTIONS),
    ]
    for what, arn, service in roles:
        if arn:
            yield from _check_role(aws, what, str(arn), service)


def _check_role(aws: Aws, what: str, arn: str, service: str) -> Iterator[Finding]:
    client, name = aws.client("iam"), arn.rpartition("/")[2]
    with explain_errors(f"read the role {name}"):
        try:
            policy = client.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        except client.exceptions.NoSuchEntityException:
            yield Finding(what, f"{arn} does not exist", _APPLY)
            return
    if service not in _trusted_services(policy):
        yield Finding(what, f"{name} does not trust {service}", f"let {service} assume it; {_APPLY}")


def _trusted_services(policy: Any) -> set[str]:  # noqa: ANN401 - decoded by botocore, but not with every server
    document = json.loads(unquote(policy)) if isinstance(policy, str) else policy
    services: set[str] = set()
    for statement in document.get("Statement", []):
        principal = statement.get("Principal")
        principals = principal.get("Service", []) if isinstance(principal, Mapping) else []
        if statement.get("Effect") == "Allow":
            services.update([principals] if isinstance(principals, str) else principals)
    return services
