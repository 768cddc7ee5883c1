"""The API function: the alias that the load balancer invokes, and the versions behind it."""

import time
from collections.abc import Callable

from pipeline.aws.access import Aws
from pipeline.aws.client_errors import explain_errors
from pipeline.core.errors import TandemError

ALIAS = "live"
_ACTIVE_WITHIN = 180.0  # seconds; Lambda optimises a new image before it runs


def stable_version(aws: Aws, function: str) -> str | None:
    """The version that the alias points to; None if there is none, or if it cannot serve.

    Raises:
        TandemError: AWS refuses.
    """
    client = aws.client("lambda")
    with explain_errors(f"read the alias {ALIAS} of {function}"):
        try:
            version = client.get_alias(FunctionName=function, Name=ALIAS)["FunctionVersion"]
            configuration = client.get_function_configuration(FunctionName=function, Qualifier=version)
        except client.exceptions.ResourceNotFoundException:
            return None
    return None if configuration.get("State") == "Failed" else version


def is_active(aws: Aws, function: str) -> bool:
    """Whether the version behind the alias is active: Lambda can fail it, or put it to sleep when unused."""
    client = aws.client("lambda")
    with explain_errors(f"describe the function {function}"):
        try:
            configuration = client.get_function_configuration(FunctionName=function, Qualifier=ALIAS)
        except client.exceptions.ResourceNotFoundException:
            return False
    return configuration.get("State", "Active") == "Active"


def wait_until_active(
    aws: Aws, function: str, version: str, pause: Callable[[float], None] = time.sleep
) -> None:
    """Ask Lambda each second until the version can be invoked; `pause` waits for so many seconds.

    An inactive version can: Lambda put it to sleep because it was not used, and an invocation wakes it.

    Raises:
        TandemError: the version failed, or is not active within three minutes.
    """
    deadline = time.monotonic() + _ACTIVE_WITHIN
    while True:
        with explain_errors(f"describe version {version} of {function}"):
            configuration = aws.client("lambda").get_function_configuration(
                FunctionName=function, Qualifier=version
            )
        state = configuration.get("State", "Active")
        if state in {"Active", "Inactive"}:
            return
        if state == "Failed" or time.monotonic() > deadline:
            raise TandemError(
                f"version {version} of {function} does not become active: "
                f"{state} {configuration.get('StateReasonCode', '')} "
                f"{configuration.get('StateReason', '')}".rstrip(),
                hint="correct what Lambda names, and push a commit to the api: a failed version stays failed",
            )
        pause(1.0)
