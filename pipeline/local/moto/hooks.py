"""Where the stack's parts plug into the control plane: target health and function invocations."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.core.errors import TandemError
from pipeline.local.target_health import TargetHealth


@dataclass(frozen=True)
class InvokeResponse:
    """The response of one function invocation."""

    payload: bytes
    version: str = "$LATEST"
    error: str = ""
    """`Unhandled` (crash, timeout), `Handled`, or empty: the value of `X-Amz-Function-Error`."""
    log: bytes = b""
    """The invocation's last log lines; clients get at most 4 KiB."""
    status: int = 200
    """A status other than 200 makes the response an AWS error with `payload` as its body."""
    exception: str = ""
    """The AWS error's name."""


def throttled(version: str = "$LATEST") -> InvokeResponse:
    """Lambda's response when the reserved concurrency is used up."""
    reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
    body = {"Reason": reason, "Type": "User", "message": "Rate Exceeded."}
    payload = json.dumps(body).encode()
    return InvokeResponse(payload, version, status=429, exception="TooManyRequestsException")


Invoke = Callable[[str, str, bytes], InvokeResponse]
"""Called with the function's name, its qualifier (version, alias or `$LATEST`) and the payload."""


def _no_runner(name: str, qualifier: str, payload: bytes) -> InvokeResponse:
    raise TandemError(
        f"cannot invoke {name}:{qualifier} with {len(payload)} bytes: no function runner is attached",
        hint="tandem up",
    )


@dataclass
class Hooks:
    """The connected parts; one instance in each process, as with moto's backends."""

    health: TargetHealth
    invoke: Invoke


hooks = Hooks(TargetHealth(), _no_runner)


def on_invoke(invoke: Invoke) -> None:
    """Let `invoke` answer Lambda's Invoke from now on."""
    hooks.invoke = invoke


def reset_hooks(health: TargetHealth) -> None:
    """Disconnect the function runner, and use this target health."""
    hooks.health = health
    hooks.invoke = _no_runner
