"""Check a commit's .dockerignore before Docker's client reads it: it takes text and patterns for granted."""

import re
from pathlib import Path

from docker.utils.build import Pattern

from pipeline.core.errors import TandemError

IGNORE_FILE = ".dockerignore"
_MOST_BYTES = 1 << 20
_HINT = f"correct {IGNORE_FILE} in the source, commit and push"


def require_ignore_file(context: Path, what: str) -> None:
    """Check the file in `context`, if there is one; `what` begins the message.

    Raises:
        TandemError: It is no file, too large, no UTF-8, or has a line that is no pattern.
    """
    file = context / IGNORE_FILE
    if not file.exists():
        return
    if not file.is_file() or file.stat().st_size > _MOST_BYTES:
        raise TandemError(
            f"{what}: {IGNORE_FILE} is no file, or has more than {_MOST_BYTES} bytes", hint=_HINT
        )
    try:
        lines = [line.strip() for line in file.read_bytes().decode().splitlines()]
    except UnicodeDecodeError as error:
        raise TandemError(f"{what}: {IGNORE_FILE} is no UTF-8", hint=_HINT) from error
    for number, line in enumerate(lines, 1):
        try:
            if not line.startswith("#"):
                Pattern(line).match(IGNORE_FILE)
        except re.error as error:
            message = f"{what}: line {number} of {IGNORE_FILE} is no pattern: {error}"
            raise TandemError(message, hint=_HINT) from error
