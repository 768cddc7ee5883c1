"""Function versions, invocation requests and invocation results as immutable values."""

from dataclasses import dataclass

LATEST = "$LATEST"


@dataclass(frozen=True)
class FunctionVersion:
    """One version of a function, with the settings that its containers need."""

    name: str
    number: str
    arn: str
    image: str
    memory: int
    """MiB."""
    timeout: int
    """Seconds."""
    storage: int = 512
    """MiB at /tmp."""
    environment: tuple[tuple[str, str], ...] = ()
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    folder: str = ""
    log_group: str = ""
    role: str = ""
    """ARN of the role that its code has."""


@dataclass(frozen=True)
class InvocationRequest:
    """One invocation of a function."""

    id: str
    payload: bytes
    arn: str
    """The ARN that was invoked: of the alias, the version or the function."""
    timeout: int
    """Seconds."""
    output_seconds: float = 0.0
    """For so long the result waits for the output that the container wrote."""


@dataclass(frozen=True)
class InvocationResult:
    """The result of one invocation."""

    payload: bytes
    error: str = ""
    """`Unhandled` if the function failed, else empty."""
    throttled: bool = False
    log: bytes = b""
    """The last log lines."""
    version: str = LATEST
