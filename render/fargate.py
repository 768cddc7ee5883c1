"""Check a task definition against every rule of ECS on Fargate at once.

A rule is a function from a task definition to findings. Unknown fields pass, so the task definition of a
newer API can be checked too.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from render.finding import Finding, Node, excerpt
from render.rules import (
    containers,
    dependencies,
    forbidden,
    linux,
    logs,
    ports,
    secrets,
    sizes,
    task,
    types,
    volumes,
    windows,
)

__all__ = ["Finding", "check", "located", "request_of"]

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
    *secrets.RULES,
    *logs.RULES,
    *linux.RULES,
    *dependencies.RULES,
    *volumes.RULES,
    *ports.RULES,
    *windows.RULES,
    *forbidden.RULES,
)


def check(task_definition: Mapping[str, Any]) -> list[Finding]:
    """All findings, in the order of their JSON paths; the list is empty if Fargate accepts the definition."""
    root = Node(request_of(task_definition))
    findings = _for_other_hosts(root) or {finding for rule in RULES for finding in rule(root)}
    return located(task_definition, findings)


def located(task_definition: Mapping[str, Any], findings: Iterable[Finding]) -> list[Finding]:
    """Findings about `request_of(task_definition)`, sorted, with the paths of `task_definition` itself."""
    if not isinstance(task_definition.get("taskDefinition"), Mapping):
        return sorted(findings)
    beside = "tags" if task_definition.get("tags") else None
    return sorted(replace(finding, path=_wrapped(finding.path, beside)) for finding in findings)


def request_of(task_definition: Mapping[str, Any]) -> dict[str, Any]:
    """The part that RegisterTaskDefinition accepts, from a request or a description of any form."""
    description = task_definition.get("taskDefinition")
    if isinstance(description, Mapping):
        # `aws ecs describe-task-definition` prints the tags beside the definition.
        tags = {"tags": task_definition["tags"]} if task_definition.get("tags") else {}
        return _without_read_only({**description, **tags}, described=True)
    return _without_read_only(task_definition, described="taskDefinitionArn" in task_definition)


def _without_read_only(task_definition: Mapping[str, Any], *, described: bool) -> dict[str, Any]:
    request = {key: value for key, value in task_definition.items() if key not in READ_ONLY}
    if described and isinstance(request.get("tags"), list):
        # AWS sets tags of its own, for example CloudFormation's; they are read and never sent.
        own = [tag for tag in request.pop("tags") if not _is_reserved(tag)]
        return {**request, "tags": own} if own else request
    return request


def _is_reserved(tag: object) -> bool:
    return isinstance(tag, Mapping) and str(tag.get("key")).lower().startswith("aws:")


def _for_other_hosts(root: Node) -> list[Finding]:
    """One finding if the definition is for EC2 or another kind of host; Fargate's rules say nothing of it."""
    compatibilities = root.texts("requiresCompatibilities")
    if not compatibilities or "FARGATE" in map(str.upper, compatibilities):
        return []
    return [
        Finding(
            root.at("requiresCompatibilities"),
            f"the task definition is for {excerpt(', '.join(compatibilities))}, not for Fargate",
            'add "FARGATE", or leave the file out',
        )
    ]


def _wrapped(path: str, beside: str | None) -> str:
    rest = path.removeprefix("$")
    if beside and (rest == f".{beside}" or rest.startswith(f".{beside}[")):
        return path
    return f"$.taskDefinition{rest}"
