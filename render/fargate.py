"""Every rule that ECS on Fargate has for a task definition, checked at once.

Rules are functions from a task definition to findings; unknown fields pass, so that the definition
of a newer API, or of another team, can be checked as it stands.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from render.finding import Finding, Node
from render.rules import containers, dependencies, forbidden, ports, sizes, task, types, volumes

__all__ = ["Finding", "check", "request_of"]

# What DescribeTaskDefinition adds, and RegisterTaskDefinition refuses.
READ_ONLY = frozenset(
    {
        *("taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities"),
        *("registeredAt", "registeredBy", "deregisteredAt", "deleteRequestedAt"),
    }
)

Rule = Callable[[Node], Iterable[Finding]]

RULES: tuple[Rule, ...] = (
    *types.RULES,
    *task.RULES,
    *sizes.RULES,
    *containers.RULES,
    *dependencies.RULES,
    *volumes.RULES,
    *ports.RULES,
    *forbidden.RULES,
)


def check(task_definition: Mapping[str, Any]) -> list[Finding]:
    """All findings, in the order of their JSON paths; none means that Fargate takes it."""
    root = Node(request_of(task_definition))
    return sorted({finding for rule in RULES for finding in rule(root)})


def request_of(task_definition: Mapping[str, Any]) -> dict[str, Any]:
    """The part that RegisterTaskDefinition takes, out of a request or any description of one."""
    described = task_definition.get("taskDefinition")
    if isinstance(described, Mapping):
        # `aws ecs describe-task-definition` keeps the tags beside the definition.
        tags = {"tags": task_definition["tags"]} if task_definition.get("tags") else {}
        task_definition = {**described, **tags}
    return {key: value for key, value in task_definition.items() if key not in READ_ONLY}
