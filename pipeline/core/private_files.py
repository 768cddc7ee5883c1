"""Folders and files that only their owner can read, whatever the umask is."""

import os
import stat
import tempfile
from pathlib import Path

FOLDER_MODE, FILE_MODE = 0o700, 0o600


def private_folder(folder: Path) -> Path:
    """Create a folder, and the missing ones above it, with mode 0700; an existing one gets that mode.

    A folder of somebody else keeps its mode, and one that all users share, such as /tmp.
    """
    missing = [folder, *folder.parents]
    for path in reversed([path for path in missing if not path.exists()]):
        path.mkdir(FOLDER_MODE, exist_ok=True)
        path.chmod(FOLDER_MODE)
    state = folder.stat()
    is_shared = bool(state.st_mode & stat.S_ISVTX)
    if state.st_uid == os.geteuid() and not is_shared and state.st_mode & 0o777 != FOLDER_MODE:
        folder.chmod(FOLDER_MODE)
    return folder


def touch_private(file: Path) -> Path:
    """Create a file with mode 0600 unless it exists; an existing one gets that mode."""
    private_folder(file.parent)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE_MODE)
    try:
        if os.fstat(handle).st_uid == os.geteuid():
            os.fchmod(handle, FILE_MODE)
    finally:
        os.close(handle)
    return file


def write_private(file: Path, text: str) -> None:
    """Replace a file in one step by a synced one with mode 0600: readers see the old or the new content."""
    private_folder(file.parent)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as content:
            content.write(text)
            content.flush()
            os.fsync(content.fileno())
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
