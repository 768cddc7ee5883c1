"""Rules for one container: image, health check and environment files."""

import re
from collections.abc import Iterator

from render.finding import Finding, Node, excerpt, placeholder

_LONGEST_IMAGE = 255
_MOST_FILES = 10
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NAME = re.compile(
    r"""(?:(?P<host>[A-Za-z0-9.-]+(?::[0-9]+)?|\[[0-9a-fA-F:]+\](?::[0-9]+)?)/)?
    [a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*
    (?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?""",
    re.VERBOSE,
)
_OBJECT_ARN = re.compile(r"arn:aws[a-z-]*:s3:::[^/]+/.+")


def images(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        image = container.text("image")
        if image:
            yield from _image(container, image)


def _image(container: Node, image: str) -> Iterator[Finding]:
    name, at, digest = image.partition("@")
    if placeholder(image):
        yield Finding(
            container.at("image"), f"{excerpt(image)} is a placeholder", "check the rendered file instead"
        )
        return
    if at and _DIGEST.fullmatch(digest.lower()) and digest != digest.lower():
        yield Finding(
            container.at("image"),
            "ECS takes a digest in capital letters, and registries do not find it",
            "write its letters small",
            warning=True,
        )
    elif at and not _DIGEST.fullmatch(digest):
        yield Finding(
            container.at("image"),
            f"{excerpt(digest)} is not a digest",
            "write sha256: and 64 hexadecimal digits",
        )
    if len(name) > _LONGEST_IMAGE:
        yield Finding(
            container.at("image"),
            f"the name has {len(name)} characters; at most {_LONGEST_IMAGE}",
            "shorten it",
        )
    elif not _NAME.fullmatch(name):
        yield Finding(
            container.at("image"),
            f"{excerpt(name)} is not an image name",
            "write [registry[:port]/]repository[:tag][@digest]",
        )


def health(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        if not container.has("healthCheck"):
            continue
        check = container.node("healthCheck")
        yield from _health_command(check)
        yield from check.between("interval", 5, 300, "seconds")
        yield from check.between("timeout", 2, 60, "seconds")
        yield from check.between("retries", 1, 10)
        yield from check.between("startPeriod", 0, 300, "seconds")


def _health_command(check: Node) -> Iterator[Finding]:
    command = check.texts("command")
    words = command[1:] if command[:1] in (["CMD"], ["CMD-SHELL"]) else command
    if not "".join(words).strip():
        yield Finding(
            check.at("command"), "names no command", "write CMD or CMD-SHELL, then the command of the check"
        )
    elif command[0] not in {"CMD", "CMD-SHELL", "NONE"}:
        # AWS's documents ask for the word; Fargate runs the command without it, too.
        yield Finding(
            check.at("command"),
            "does not start with CMD or CMD-SHELL",
            "put CMD or CMD-SHELL first",
            warning=True,
        )


def environment_files(root: Node) -> Iterator[Finding]:
    for container in root.containers():
        files = list(container.nodes("environmentFiles"))
        if len(files) > _MOST_FILES:
            yield Finding(
                container.at("environmentFiles"), f"{len(files)} files; at most {_MOST_FILES}", "merge some"
            )
        for file in files:
            value = file.text("value")
            if not value.endswith(".env"):
                yield Finding(file.at("value"), "must end with .env", "rename the object")
            elif not _OBJECT_ARN.fullmatch(value):
                yield Finding(
                    file.at("value"),
                    f"{excerpt(value)} is not the ARN of an S3 object",
                    "write arn:aws:s3:::BUCKET/KEY.env",
                )


RULES = (images, health, environment_files)
