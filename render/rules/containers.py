"""Rules for one container: image, logs, health check, variables and secrets."""

import re
from collections.abc import Iterator

from render.finding import Finding, Node

_LONGEST_IMAGE = 255
_MOST_FILES = 10
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NAME = re.compile(
    r"""(?:(?P<host>[A-Za-z0-9.-]+(?::\d+)?|\[[0-9a-fA-F:]+\](?::\d+)?)/)?
    [a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*
    (?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?""",
    re.VERBOSE,
)
_DRIVERS = ("awslogs", "splunk", "awsfirelens")
_SECRET = re.compile(
    r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[^:]+-[A-Za-z0-9]{6}(:[^:]*){0,3}"
)
_LOOKS_LIKE_SECRET = re.compile(r"secretsmanager|^secret:", re.IGNORECASE)


def images(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        image = container.text("image")
        name, at, digest = image.partition("@")
        if at and not _DIGEST.fullmatch(digest):
            yield Finding(
                container.at("image"),
                f"{digest!r} is not a digest",
                "write sha256: and 64 hexadecimal digits",
            )
        if len(name) > _LONGEST_IMAGE:
            yield Finding(
                container.at("image"),
                f"the name has {len(name)} characters; at most {_LONGEST_IMAGE}",
                "shorten it",
            )
        if image and not _NAME.fullmatch(name):
            yield Finding(
                container.at("image"),
                f"{name!r} is not an image name",
                "write [registry[:port]/]repository[:tag][@digest]",
            )


def logs(root: Node) -> Iterator[Finding]:
    has_log_router = any(container.has("firelensConfiguration") for container in root.containers())
    for container in root.containers():
        if not container.has("logConfiguration"):
            continue
        log = container.node("logConfiguration")
        driver, options = log.text("logDriver"), log.node("options")
        if driver not in _DRIVERS:
            yield Finding(log.at("logDriver"), f"{driver!r} is not on Fargate", f"use {', '.join(_DRIVERS)}")
        if driver == "awsfirelens" and not has_log_router:
            yield Finding(
                log.at("logDriver"), "no container has a firelensConfiguration", "add a log router container"
            )
        if driver == "awslogs":
            for key in ("awslogs-group", "awslogs-region", "awslogs-stream-prefix"):
                if not options.has(key):
                    yield Finding(options.at(key), "awslogs needs it on Fargate", f"add {key}")


def health(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        if not container.has("healthCheck"):
            continue
        check = container.node("healthCheck")
        command = check.texts("command")
        if len(command) < 2 or command[0] not in {"CMD", "CMD-SHELL"}:  # noqa: PLR2004 - the kind and a command
            yield Finding(
                check.at("command"),
                "must start with CMD or CMD-SHELL and name a command",
                "put CMD or CMD-SHELL first",
            )
        yield from check.between("interval", 5, 300, "seconds")
        yield from check.between("timeout", 2, 60, "seconds")
        yield from check.between("retries", 1, 10)
        yield from check.between("startPeriod", 0, 300, "seconds")


def variables(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        plain = {variable.text("name") for variable in container.nodes("environment")}
        for secret in container.nodes("secrets"):
            if secret.text("name") in plain:
                yield Finding(
                    secret.at("name"),
                    f"{secret.text('name')!r} is a plain variable as well",
                    "remove it from environment",
                )
            yield from _secret(secret)
        for option in container.node("logConfiguration").nodes("secretOptions"):
            yield from _secret(option)


def _secret(secret: Node) -> Iterator[Finding]:
    value = secret.text("valueFrom")
    if not value:
        yield Finding(secret.at("valueFrom"), "is required", "add the secret's ARN")
    elif _LOOKS_LIKE_SECRET.search(value) and not _SECRET.fullmatch(value):
        yield Finding(
            secret.at("valueFrom"),
            "Secrets Manager needs the full ARN, with its six random characters",
            "copy it from aws secretsmanager describe-secret",
        )


def environment_files(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        files = list(container.nodes("environmentFiles"))
        if len(files) > _MOST_FILES:
            yield Finding(
                container.at("environmentFiles"), f"{len(files)} files; at most {_MOST_FILES}", "merge some"
            )
        for file in files:
            if not file.text("value").endswith(".env"):
                yield Finding(file.at("value"), "must end with .env", "rename the object")


RULES = (images, logs, health, variables, environment_files)
