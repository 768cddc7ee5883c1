"""Hold a Docker Engine that Tandem started: while one process does, no other process's `down` stops it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Hold the Docker Engine of `file` during the block; it ends with the process, too.

    Where the file may not be made, there is no Docker Engine that Tandem could stop.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDONLY | os.O_CREAT, 0o644)
    except OSError:
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)  # waits until a process that stops it has done so
        yield
    finally:
        os.close(descriptor)


@contextmanager
def unless_held(file: Path) -> Iterator[bool]:
    """True if no process holds the Docker Engine; then none can until the block ends."""
    descriptor = os.open(file, os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)
