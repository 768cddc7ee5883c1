"""Rules for the options of a log driver: names that ECS takes, and values that the driver reads.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html
"""

import re
from collections.abc import Iterator

from render.finding import Finding, Node, excerpt, placeholder

_AWSLOGS = ("awslogs-group", "awslogs-region", "awslogs-stream-prefix")
_SPLUNK = ("splunk-url", "splunk-token")
_MULTILINE = ("awslogs-datetime-format", "awslogs-multiline-pattern")
_OF_EVERY_DRIVER = ("mode", "max-buffer-size")
_KNOWN = {*_AWSLOGS, *_MULTILINE, *_OF_EVERY_DRIVER, "awslogs-create-group"}
_MODES = ("blocking", "non-blocking")
_SIZE = re.compile(r"[0-9]+(?:\.[0-9]+)? ?(?:[kmgtp]i?)?b?", re.IGNORECASE)
_FORMS = {
    "awslogs-group": (re.compile(r"[A-Za-z0-9_/.#-]{1,512}"), "a log group's name"),
    "awslogs-region": (re.compile(r"[a-z]{2,}(?:-[a-z0-9]+)+"), "a region"),
    "awslogs-stream-prefix": (re.compile(r"[^:*]{1,512}"), "the beginning of a log stream's name"),
}


def options(log: Node, driver: str) -> Iterator[Finding]:
    """Findings about `logConfiguration.options`."""
    values = log.node("options")
    if driver == "awslogs":
        yield from _awslogs(values)
    if driver == "splunk":
        yield from _splunk(log, values)
    yield from _mode(values)


def _awslogs(values: Node) -> Iterator[Finding]:
    for key in _AWSLOGS:
        if not values.has(key):
            yield Finding(values.at(key), "awslogs needs it on Fargate", f"add {key}")
    if all(values.has(key) for key in _MULTILINE):
        yield Finding(values.path, f"{' and '.join(_MULTILINE)} exclude each other", "remove one")
    for key, (form, what) in _FORMS.items():
        value = values.text(key)
        if value and not form.fullmatch(value):
            kind = "a placeholder" if placeholder(value) else f"not {what}"
            yield Finding(values.at(key), f"{excerpt(value)} is {kind}", f"write {what}")
    # https://github.com/terraform-linters/tflint-ruleset-aws/issues/348; AWS's own examples write "True".
    if values.text("awslogs-create-group").lower() not in {"", "true"}:
        yield Finding(
            values.at("awslogs-create-group"), 'ECS takes "true" only', 'set it to "true", or remove it'
        )
    yield from _unknown(values)


def _unknown(values: Node) -> Iterator[Finding]:
    """ECS refuses other options; it may have learned one of the driver's own since."""
    for key in values.value:
        if key not in _KNOWN:
            yield Finding(
                values.inner(key),
                "ECS knows no such option of awslogs",
                "remove it, unless ECS has learned it since",
                warning=key.startswith("awslogs-"),
            )


def _splunk(log: Node, values: Node) -> Iterator[Finding]:
    secret = {option.text("name") for option in log.nodes("secretOptions")}
    missing = [key for key in _SPLUNK if not values.has(key) and key not in secret]
    if missing:
        yield Finding(values.path, f"splunk needs {' and '.join(missing)}", "add them")


def _mode(values: Node) -> Iterator[Finding]:
    mode, size = values.text("mode"), values.text("max-buffer-size")
    if mode and mode not in _MODES:
        yield Finding(values.at("mode"), f"{excerpt(mode)} is not a mode", f"use {' or '.join(_MODES)}")
    if size and not _SIZE.fullmatch(size):
        yield Finding(values.at("max-buffer-size"), f"{excerpt(size)} is not a size", "write 25m")
    if size and mode == "blocking":
        yield Finding(
            values.at("max-buffer-size"),
            "only the mode non-blocking has a buffer",
            "remove it, or change mode",
        )
