"""Functions as values: what Lambda knows of a version, and what an invocation gives."""

from dataclasses import dataclass

LATEST = "$LATEST"


@dataclass(frozen=True)
class Version:
    """One version of a function, as configured: all that running it takes."""

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


@dataclass(frozen=True)
class Job:
    """One event for a function."""

    id: str
    payload: bytes
    arn: str
    """The ARN that was invoked: of the alias, the version or the function."""
    timeout: int
    """Seconds."""


@dataclass(frozen=True)
class Outcome:
    """What became of a job."""

    payload: bytes
    error: str = ""
    """`Unhandled` if the function failed, else empty."""
    throttled: bool = False
    log: bytes = b""
    """The last log lines."""
    version: str = LATEST
