"""Write a file whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from pipeline.core.errors import TandemError


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` to `path`; a reader sees the old file or the new one, never a part.

    Raises:
        TandemError: the file cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise TandemError(f"cannot write {path}: {error}", hint=f"ls -ld {path.parent}") from error
