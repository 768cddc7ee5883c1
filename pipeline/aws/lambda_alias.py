"""The API function: the alias that the load balancer invokes, and the versions behind it."""

import time
from collections.abc import Callable

from pipeline.aws.client import Aws, asking
from pipeline.core.errors import TandemError

ALIAS = "live"
_READY_WITHIN = 180.0  # seconds; Lambda optimises a new image before it runs


def stable_version(aws: Aws, function: str) -> str | None:
    """The version that has the alias's traffic; None if there is no function yet."""
    client = aws.client("lambda")
    try:
        return client.get_alias(FunctionName=function, Name=ALIAS)["FunctionVersion"]
    except client.exceptions.ResourceNotFoundException:
        return None


def wait_until_active(
    aws: Aws, function: str, version: str, pause: Callable[[float], None] = time.sleep
) -> None:
    """TandemError if the version cannot become active."""
    deadline = time.monotonic() + _READY_WITHIN
    while True:
        with asking(f"describe version {version} of {function}"):
            described = aws.client("lambda").get_function_configuration(
                FunctionName=function, Qualifier=version
            )
        state = described.get("State", "Active")
        if state == "Active":
            return
        if state == "Failed" or time.monotonic() > deadline:
            raise TandemError(
                f"version {version} of {function} does not become active: "
                f"{state} {described.get('StateReasonCode', '')} "
                f"{described.get('StateReason', '')}".rstrip(),
                hint="tandem verify, then release again",
            )
        pause(1.0)
