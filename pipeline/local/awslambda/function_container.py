"""Create a function's container with the environment and the limits that Lambda gives it."""

import time
from typing import Any

from docker.errors import APIError, ImageNotFound, NotFound
from docker.models.containers import Container
from docker.types import LogConfig

from pipeline.core.errors import TandemError
from pipeline.local.awslambda.invocation import FunctionVersion
from pipeline.local.context import StackContext
from pipeline.local.moto.role_sessions import RoleSession

# Lambda runs functions as a user that images do not define.
_USER = "993:990"
_MIB = 1024 * 1024
_PROCESSES = 1024


class ImageError(TandemError):
    """A function's image cannot be pulled."""


def pull(context: StackContext, image: str) -> None:
    """Pull the image unless it is here.

    Raises:
        ImageError: the image cannot be pulled.
    """
    try:
        context.docker.images.get(image)
    except ImageNotFound:
        try:
            context.docker.images.pull(image)
        except APIError as error:
            raise ImageError(f"the image {image} cannot be pulled: {error.explanation or error}") from error


def environment(
    context: StackContext, version: FunctionVersion, session: RoleSession, api: str, stream: str
) -> dict[str, str]:
    """The function's own variables and, over them, those that Lambda sets; the keys are the role's."""
    return {
        "AWS_ENDPOINT_URL": context.aws_endpoint,
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
        **session.environ(),
        "LAMBDA_TASK_ROOT": "/var/task",
        "LAMBDA_RUNTIME_DIR": "/var/runtime",
    }


def settings(version: FunctionVersion) -> dict[str, Any]:
    """Docker's settings: memory limit, read-only root, writable /tmp, no capabilities or new privileges."""
    memory = version.memory * _MIB
    overrides = {
        "entrypoint": list(version.entrypoint),
        "command": list(version.command),
        "working_dir": version.folder,
    }
    return {
        **{key: value for key, value in overrides.items() if value},
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


def start(context: StackContext, version: FunctionVersion, variables: dict[str, str]) -> Container:
    """Run one container of the version.

    Raises:
        TandemError: Docker does not start it.
    """
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
        explanation = getattr(error, "explanation", None) or error
        raise TandemError(
            f"function {version.name} version {version.number} does not start: {explanation}"
        ) from error


def remove(container: Container) -> None:
    """Kill and remove the container, if it still exists."""
    try:
        container.remove(force=True, v=True)
    except NotFound:
        return
    except APIError as error:
        # Docker already removes it.
        if error.status_code != 409:  # noqa: PLR2004
            raise


def find_leftovers(context: StackContext) -> list[Container]:
    """Function containers of an earlier process: no Runtime API serves them any more."""
    containers: list[Container] = context.docker.containers.list(
        all=True,
        ignore_removed=True,
        filters={"label": [f"{key}={value}" for key, value in context.labels("function").items()]},
    )
    return containers
