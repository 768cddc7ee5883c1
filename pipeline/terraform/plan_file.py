"""A file for one plan, which has secret values in plain text: for its run only, and gone after it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from filelock import FileLock

from pipeline.core.private_files import FILE_MODE

_PREFIX = "planned-"


@contextmanager
def plan_file(data_dir: Path) -> Iterator[str]:
    """A path below `data_dir` for a plan; other runs may plan at the same time.

    The run locks its folder, and the kernel frees that lock if the run is killed: the next run removes it.
    """
    with FileLock(data_dir / "planned.lock", mode=FILE_MODE):
        _remove_leftovers(data_dir)
        folder = Path(mkdtemp(prefix=_PREFIX, dir=data_dir.resolve()))
        handle = _locked(folder)
    try:
        yield str(folder / "plan")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def _remove_leftovers(data_dir: Path) -> None:
    for folder in data_dir.glob(f"{_PREFIX}*"):
        handle = _locked(folder)
        if handle is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)


def _locked(folder: Path) -> int | None:
    """The descriptor of `folder`, locked; None if a run that lives has locked it, or has just removed it."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
