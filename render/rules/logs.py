"""Rules for the log drivers that Fargate has, and the options that each needs."""

from collections.abc import Iterator

from render.finding import Finding, Node, shown

_DRIVERS = ("awslogs", "splunk", "awsfirelens")
_AWSLOGS = ("awslogs-group", "awslogs-region", "awslogs-stream-prefix")
_SPLUNK = ("splunk-url", "splunk-token")
_MULTILINE = ("awslogs-datetime-format", "awslogs-multiline-pattern")


def logs(root: Node) -> Iterator[Finding]:
    has_log_router = any(container.has("firelensConfiguration") for container in root.containers())
    for container in root.containers():
        if not container.has("logConfiguration"):
            continue
        log = container.node("logConfiguration")
        driver = log.text("logDriver")
        if driver not in _DRIVERS:
            yield Finding(
                log.at("logDriver"), f"{shown(driver)} is not on Fargate", f"use {', '.join(_DRIVERS)}"
            )
        if driver == "awsfirelens" and not has_log_router:
            yield Finding(
                log.at("logDriver"), "no container has a firelensConfiguration", "add a log router container"
            )
        yield from _options(log, driver)


def _options(log: Node, driver: str) -> Iterator[Finding]:
    options = log.node("options")
    if driver == "awslogs":
        for key in _AWSLOGS:
            if not options.has(key):
                yield Finding(options.at(key), "awslogs needs it on Fargate", f"add {key}")
    if driver == "splunk":
        secret = {option.text("name") for option in log.nodes("secretOptions")}
        missing = [key for key in _SPLUNK if not options.has(key) and key not in secret]
        if missing:
            yield Finding(options.path, f"splunk needs {' and '.join(missing)}", "add them")
    if driver == "awslogs" and all(options.has(key) for key in _MULTILINE):
        yield Finding(options.path, f"{' and '.join(_MULTILINE)} exclude each other", "remove one")


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
        options = router.node("options")
        if options.text("config-file-type") == "s3":
            yield Finding(
                options.at("config-file-type"),
                "Fargate reads no configuration from S3",
                'copy the file into the image and set it to "file"',
            )


RULES = (logs, firelens)
