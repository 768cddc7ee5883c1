"""Check a task definition against every rule of ECS on Fargate at once.

A rule is a function from a task definition to findings. Unknown fields pass, so the task definition of a
newer API can be checked too.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from render.finding import Finding, Node
from render.rules import containers, dependencies, forbidden, ports, sizes, task, types, volumes

__all__ = ["Finding", "check", "request_of"]

# The fields that DescribeTaskDefinition adds and RegisterTaskDefinition refuses.
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
    """All findings, in the order of their JSON paths; the list is empty if Fargate accepts the definition."""
    root = Node(request_of(task_definition))
    return sorted({finding for rule in RULES for finding in rule(root)})


def request_of(task_definition: Mapping[str, Any]) -> dict[str, Any]:
    """The part that RegisterTaskDefinition accepts, from a request or a description of any form."""
    description = task_definition.get("taskDefinition")
    if isinstance(description, Mapping):
        # `aws ecs describe-task-definition` prints the tags beside the definition.
        tags = {"tags": task_definition["tags"]} if task_definition.get("tags") else {}
        task_definition = {**description, **tags}
    return {key: value for key, value in task_definition.items() if key not in READ_ONLY}
