"""Rules for the whole task definition: required fields, size, names, roles and tags."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from render.finding import Finding, Node, excerpt

_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_MOST_CONTAINERS = 10
_MOST_TAGS = 50
_TAG_SIGNS = "_.:/=+-@"
_MOST_BYTES = 64 * 1024
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[!-~]+")
_PRIVATE_REGISTRY = re.compile(r"^[0-9]{12}\.dkr\.ecr[.-]")


def required(root: Node) -> Iterator[Finding]:
    for key in ("family", "containerDefinitions", "cpu", "memory"):
        if not root.has(key):
            yield Finding(root.at(key), "is required on Fargate", f"add {key}")
    if root.value.get("networkMode") != "awsvpc":
        yield Finding(root.at("networkMode"), "Fargate tasks use awsvpc only", 'set it to "awsvpc"')


def size(root: Node) -> Iterator[Finding]:
    size = len(json.dumps(root.value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
    if size > _MOST_BYTES:
        yield Finding(
            root.path,
            f"the task definition has {size} bytes; at most {_MOST_BYTES}",
            "move variables into environment files, or split the task",
        )


def containers(root: Node) -> Iterator[Finding]:
    every_container = list(root.containers())
    if len(every_container) > _MOST_CONTAINERS:
        yield Finding(
            root.at("containerDefinitions"),
            f"{len(every_container)} containers; a task has at most {_MOST_CONTAINERS}",
            "split the task",
        )
    if every_container and all(container.value.get("essential") is False for container in every_container):
        yield Finding(
            root.at("containerDefinitions"),
            "no container is essential",
            "set essential to true on the container that does the task's work",
        )
    for container in every_container:
        for key in ("name", "image"):
            if not container.has(key):
                yield Finding(container.at(key), "is required", f"add {key}")


def names(root: Node) -> Iterator[Finding]:
    yield from _name_findings(root, "family")
    for group in ("containerDefinitions", "volumes"):
        counts = Counter(item.text("name") for item in root.nodes(group))
        for item in root.nodes(group):
            yield from _name_findings(item, "name")
            if item.text("name") and counts[item.text("name")] > 1:
                yield Finding(
                    item.at("name"), f"{excerpt(item.text('name'))} is used more than once", "rename one"
                )


def _name_findings(node: Node, key: str) -> Iterator[Finding]:
    name = node.text(key)
    if name and not _NAME.fullmatch(name):
        yield Finding(
            node.at(key),
            f"{excerpt(name)} is not a valid name",
            "use 1 to 255 letters, digits, underscores and hyphens",
        )


def execution_role(root: Node) -> Iterator[Finding]:
    if root.has("executionRoleArn"):
        return
    for container in root.containers():
        reasons = []
        if _PRIVATE_REGISTRY.match(container.text("image")):
            reasons.append("an image from a private ECR repository")
        if container.has("repositoryCredentials"):
            reasons.append("the credentials of its registry")
        if container.has("secrets") or container.node("logConfiguration").has("secretOptions"):
            reasons.append("secrets")
        if container.has("environmentFiles"):
            reasons.append("environment files")
        if container.node("logConfiguration").text("logDriver") == "awslogs":
            reasons.append("the awslogs driver")
        if reasons:
            yield Finding(
                root.at("executionRoleArn"),
                f"container {excerpt(container.text('name'))} needs it for {' and '.join(reasons)}",
                "add the ARN of a role that ecs-tasks.amazonaws.com may assume",
            )


def roles(root: Node) -> Iterator[Finding]:
    for key in ("executionRoleArn", "taskRoleArn"):
        role = root.text(key)
        if role and not _ROLE.fullmatch(role):
            # ECS finds a role by its name, too; a name is more often a placeholder.
            yield Finding(
                root.at(key),
                f"{excerpt(role)} is not a role's ARN",
                "write arn:aws:iam::ACCOUNT:role/NAME",
                warning=not role.startswith("arn:"),
            )


def tags(root: Node) -> Iterator[Finding]:
    every_tag = list(root.nodes("tags"))
    if root.value.get("tags") == []:
        yield Finding(root.at("tags"), "must not be empty", "remove tags, or add one")
    if len(every_tag) > _MOST_TAGS:
        yield Finding(root.at("tags"), f"{len(every_tag)} tags; at most {_MOST_TAGS}", "remove some")
    keys = set[str]()
    for tag in every_tag:
        key = tag.text("key")
        if not tag.has("key"):
            yield Finding(tag.at("key"), "is required", "add key")
        if key.lower().startswith("aws:"):
            yield Finding(tag.at("key"), "the prefix aws: is reserved", "rename the tag")
        if key in keys:
            yield Finding(tag.at("key"), f"{excerpt(key)} is used more than once", "remove one")
        keys |= {key} - {""}
        for part in ("key", "value"):
            wrong = sorted({letter for letter in tag.text(part) if not _fits_tag(letter)})
            if wrong:
                letters = " ".join(map(excerpt, wrong[:5]))
                yield Finding(
                    tag.at(part),
                    f"a tag cannot have {letters}",
                    f"use letters, digits, spaces and {_TAG_SIGNS}",
                )


def _fits_tag(letter: str) -> bool:
    return letter in _TAG_SIGNS or unicodedata.category(letter)[0] in "LNZ"


RULES = (required, size, containers, names, execution_role, roles, tags)
