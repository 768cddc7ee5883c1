"""Rules for the log drivers that Fargate has, and for log routers."""

from collections.abc import Iterator

from render.finding import Finding, Node, excerpt
from render.rules.log_options import options

_DRIVERS = ("awslogs", "splunk", "awsfirelens")
_FILE_OPTIONS = ("config-file-type", "config-file-value")
_METADATA = "enable-ecs-log-metadata"


def logs(root: Node) -> Iterator[Finding]:
    has_log_router = any(container.has("firelensConfiguration") for container in root.containers())
    for container in root.containers():
        if not container.has("logConfiguration"):
            continue
        log = container.node("logConfiguration")
        driver = log.text("logDriver")
        if driver not in _DRIVERS:
            yield Finding(
                log.at("logDriver"), f"{excerpt(driver)} is not on Fargate", f"use {', '.join(_DRIVERS)}"
            )
        if driver == "awsfirelens" and not has_log_router:
            yield Finding(
                log.at("logDriver"), "no container has a firelensConfiguration", "add a log router container"
            )
        yield from options(log, driver)


def firelens(root: Node) -> Iterator[Finding]:
    drivers = {container.node("logConfiguration").text("logDriver") for container in root.containers()}
    for container in root.containers():
        if not container.has("firelensConfiguration"):
            continue
        router = container.node("firelensConfiguration")
        if "awsfirelens" not in drivers:
            yield Finding(
                router.path,
                "no container sends its logs to it",
                "set logDriver of a container to awsfirelens",
            )
        if container.node("logConfiguration").text("logDriver") == "awsfirelens":
            yield Finding(
                container.node("logConfiguration").at("logDriver"),
                "a log router cannot send its own logs to itself",
                "set it to awslogs",
                warning=True,
            )
        yield from _router_options(router.node("options"))


def _router_options(values: Node) -> Iterator[Finding]:
    kind, key = values.text("config-file-type"), "config-file-type"
    if kind.lower() == "s3":
        yield Finding(
            values.at(key),
            "Fargate reads no configuration from S3",
            'copy the file into the image and set it to "file"',
        )
    elif kind and kind != "file":
        yield Finding(values.at(key), f"{excerpt(kind)} is not on Fargate", 'set it to "file"')
    elif kind and not values.has("config-file-value"):
        yield Finding(values.at("config-file-value"), "is required", "add the file's path in the image")
    if not kind and values.has("config-file-value"):
        yield Finding(values.at(key), "is missing beside config-file-value", 'set it to "file"', warning=True)
    if values.text(_METADATA) not in {"", "true", "false"}:
        yield Finding(
            values.at(_METADATA),
            f"{excerpt(values.text(_METADATA))} is not a flag",
            'write "true" or "false"',
        )
    for name in values.value:
        if name not in {*_FILE_OPTIONS, _METADATA}:
            yield Finding(values.inner(name), "ECS knows no such option", "remove it", warning=True)


def one_router(root: Node) -> Iterator[Finding]:
    routers = [container for container in root.containers() if container.has("firelensConfiguration")]
    for container in routers[1:]:
        yield Finding(
            container.at("firelensConfiguration"),
            f"{excerpt(routers[0].text('name'))} is the task's log router already",
            "keep one",
            warning=True,
        )


def secret_options(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        log = container.node("logConfiguration")
        names = set(log.node("options").value)
        for option in log.nodes("secretOptions"):
            name = option.text("name")
            if name in names:
                yield Finding(option.at("name"), f"{excerpt(name)} is used more than once", "remove one")
            names |= {name} - {""}


RULES = (logs, firelens, one_router, secret_options)
