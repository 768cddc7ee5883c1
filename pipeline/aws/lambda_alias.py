"""The API function: the alias that the load balancer invokes, and the versions behind it."""

import time
from collections.abc import Callable

from pipeline.aws.client import Aws
from pipeline.aws.errors import explain_errors
from pipeline.core.errors import TandemError

ALIAS = "live"
_ACTIVE_WITHIN = 180.0  # seconds; Lambda optimises a new image before it runs


def stable_version(aws: Aws, function: str) -> str | None:
    """The version that the alias points to; None if there is no function yet."""
    client = aws.client("lambda")
    try:
        return client.get_alias(FunctionName=function, Name=ALIAS)["FunctionVersion"]
    except client.exceptions.ResourceNotFoundException:
        return None


def wait_until_active(
    aws: Aws, function: str, version: str, pause: Callable[[float], None] = time.sleep
) -> None:
    """Ask Lambda each second until the version is active; `pause` waits for so many seconds.

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
        if state == "Active":
            return
        if state == "Failed" or time.monotonic() > deadline:
            raise TandemError(
                f"version {version} of {function} does not become active: "
                f"{state} {configuration.get('StateReasonCode', '')} "
                f"{configuration.get('StateReason', '')}".rstrip(),
                hint="tandem verify, then release again",
            )
        pause(1.0)
