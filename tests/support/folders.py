"""Folders in memory, for tests that write many small files and sync them one by one."""

import os
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of our own in it
_ENOUGH = 2_000_000_000  # bytes; containers often have 64 MB of it


def memory() -> str | None:
    """A file system in memory on which tests can write and execute; None if there is no such thing here."""
    if not os.access(_MEMORY, os.W_OK):
        return None
    state = os.statvfs(_MEMORY)
    usable = state.f_bavail * state.f_frsize > _ENOUGH and not state.f_flag & os.ST_NOEXEC
    return str(_MEMORY) if usable else None


def in_memory() -> Path:
    """A new folder, in memory if possible; the caller removes it."""
    return Path(tempfile.mkdtemp(dir=memory()))
