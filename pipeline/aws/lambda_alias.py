"""The function's alias and versions."""

import time
from collections.abc import Callable

from pipeline.aws import client as aws
from pipeline.core.errors import TandemError

ALIAS = "live"


_READY_WITHIN = 180.0  # seconds; Lambda optimises a new image before it runs


def stable_version(function: str) -> str | None:
    """The version that has the alias's traffic; None if there is no function yet."""
    client = aws.client("lambda")
    try:
        return client.get_alias(FunctionName=function, Name=ALIAS)["FunctionVersion"]
    except client.exceptions.ResourceNotFoundException:
        return None


def wait_until_active(function: str, version: str, pause: Callable[[float], None] = time.sleep) -> None:
    """TandemError if the version cannot become active."""
    deadline = time.monotonic() + _READY_WITHIN
    while True:
        with aws.asking(f"describe version {version} of {function}"):
            found = aws.client("lambda").get_function_configuration(FunctionName=function, Qualifier=version)
        state = found.get("State", "Active")
        if state == "Active":
            return
        if state == "Failed" or time.monotonic() > deadline:
            raise TandemError(
                f"version {version} of {function} does not become active: "
                f"{state} {found.get('StateReasonCode', '')} {found.get('StateReason', '')}".rstrip(),
                hint="tandem verify, then release again",
            )
        pause(1.0)
