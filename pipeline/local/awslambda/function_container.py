"""A function's container: what Lambda grants it, as Docker's settings."""

import time
from typing import Any

from docker.errors import APIError, ImageNotFound, NotFound
from docker.models.containers import Container
from docker.types import LogConfig

from pipeline.core.errors import TandemError
from pipeline.local.awslambda.invocation import Version
from pipeline.local.context import StackContext

# Lambda runs functions as a user that no image knows.
_USER = "993:990"
_MIB = 1024 * 1024
_PROCESSES = 1024


class ImageError(TandemError):
    """A function's image cannot be had."""


def pull(context: StackContext, image: str) -> None:
    """Have the image on this machine; ImageError says why not."""
    try:
        context.docker.images.get(image)
    except ImageNotFound:
        try:
            context.docker.images.pull(image)
        except APIError as error:
            raise ImageError(f"the image {image} cannot be pulled: {error.explanation or error}") from error


def environment(context: StackContext, version: Version, api: str, stream: str) -> dict[str, str]:
    """The variables that Lambda sets, over the function's own."""
    return {
        **dict(version.environment),
        "TZ": ":UTC",
        "AWS_LAMBDA_RUNTIME_API": api,
        "AWS_LAMBDA_FUNCTION_NAME": version.name,
        "AWS_LAMBDA_FUNCTION_VERSION": version.number,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(version.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": version.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_REGION": context.region,
        "AWS_DEFAULT_REGION": context.region,
        # The local account's keys open nothing outside of this machine.
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "LAMBDA_TASK_ROOT": "/var/task",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
    }


def settings(version: Version) -> dict[str, Any]:
    """What confines the container: memory, a read-only root with /tmp, no capability, no new privilege."""
    memory = version.memory * _MIB
    chosen = {
        "entrypoint": list(version.entrypoint),
        "command": list(version.command),
        "working_dir": version.folder,
    }
    return {
        **{key: value for key, value in chosen.items() if value},
        "mem_limit": memory,
        "memswap_limit": memory,
        "pids_limit": _PROCESSES,
        "user": _USER,
        "read_only": True,
        "tmpfs": {"/tmp": f"rw,exec,nosuid,nodev,mode=1777,size={version.storage}m"},  # noqa: S108
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "log_config": LogConfig(config={"max-size": "10m", "max-file": "1"}),
    }


def start(context: StackContext, version: Version, variables: dict[str, str]) -> Container:
    """Run one container of the version; TandemError says why not."""
    number = version.number.strip("$").lower()
    try:
        return context.docker.containers.run(
            version.image,
            name=context.name("function", version.name, number, f"{time.monotonic_ns():x}"),
            labels=context.labels("function", function=version.name, version=version.number),
            network=context.network,
            environment=variables,
            detach=True,
            **settings(version),
        )
    except (APIError, ImageNotFound) as error:
        said = getattr(error, "explanation", None) or error
        raise TandemError(
            f"function {version.name} version {version.number} does not start: {said}"
        ) from error


def remove(container: Container) -> None:
    """Kill and remove; a container that is gone is fine."""
    try:
        container.remove(force=True, v=True)
    except NotFound:
        return
    except APIError as error:
        # Docker is removing it already.
        if error.status_code != 409:  # noqa: PLR2004
            raise


def strays(context: StackContext) -> list[Container]:
    """Function containers that an earlier process of this stack left: nobody feeds them."""
    found: list[Container] = context.docker.containers.list(
        all=True,
        ignore_removed=True,
        filters={"label": [f"{key}={value}" for key, value in context.labels("function").items()]},
    )
    return found
