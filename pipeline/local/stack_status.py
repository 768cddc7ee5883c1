"""The status of the local stack itself: the server process writes it to a file, any process reads it.

Services, tasks and containers are not in it: ECS tells them, here as in every environment.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from pipeline.core.private_files import write_private


@dataclass(frozen=True)
class StackStatus:
    """The local stack."""

    stack: str
    running: bool = False
    url: str = ""
    """The load balancer's URL."""
    endpoint: str = ""
    """The control plane's URL."""
    registry: str = ""
    """The registry's host and port."""
    docker: bool = False
    """Whether the server process has found Docker and the stack's network."""


_STATUS = TypeAdapter(StackStatus)


def write(file: Path, status: StackStatus) -> None:
    """Write the status if it changed, atomically: readers see the old or the new file."""
    text = json.dumps(asdict(status))
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        write_private(file, text)


def read(file: Path) -> StackStatus | None:
    """The status in the file; None if there is none or it cannot be read."""
    try:
        return _STATUS.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None
