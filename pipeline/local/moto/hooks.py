"""Where the rest of the stack plugs into the control plane: target states and function invocations."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.core.errors import TandemError
from pipeline.local.target_health import TargetHealth


@dataclass(frozen=True)
class InvokeResponse:
    """What one function invocation gave."""

    payload: bytes
    version: str = "$LATEST"
    error: str = ""
    """`Unhandled` (crash, timeout), `Handled`, or empty: the value of `X-Amz-Function-Error`."""
    log: bytes = b""
    """The invocation's last log lines, at most 4 KiB of them are sent."""
    status: int = 200
    """Another status makes it an AWS error, with `payload` as its body."""
    exception: str = ""
    """The name of that error, as clients know it."""


def throttled(version: str = "$LATEST") -> InvokeResponse:
    """What Lambda answers where all that may run at once runs already."""
    reason = "ReservedFunctionConcurrentInvocationLimitExceeded"
    body = {"Reason": reason, "Type": "User", "message": "Rate Exceeded."}
    payload = json.dumps(body).encode()
    return InvokeResponse(payload, version, status=429, exception="TooManyRequestsException")


Invoke = Callable[[str, str, bytes], InvokeResponse]
"""Given the function's name, its qualifier (version, alias or `$LATEST`) and the payload."""


def _no_runner(name: str, qualifier: str, payload: bytes) -> InvokeResponse:
    raise TandemError(
        f"cannot invoke {name}:{qualifier} with {len(payload)} bytes: no function runner is attached",
        hint="tandem up",
    )


@dataclass
class Hooks:
    """What is plugged in now; one per process, since moto's backends are too."""

    health: TargetHealth
    invoke: Invoke


hooks = Hooks(TargetHealth(), _no_runner)


def on_invoke(invoke: Invoke) -> None:
    """From now on `invoke` answers Lambda's Invoke."""
    hooks.invoke = invoke


def unplug(health: TargetHealth) -> None:
    """Forget the runner and begin with these target states."""
    hooks.health = health
    hooks.invoke = _no_runner
