"""Folders that live in memory where there is a file system for that."""

import os
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of our own in it


def in_memory() -> Path:
    """A new folder for many small files that are synced one by one; the caller removes it."""
    return Path(tempfile.mkdtemp(dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None))
