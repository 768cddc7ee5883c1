"""One comparison at a time: two would measure each other."""

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from pipeline.core.errors import TandemError
from pipeline.core.private_files import private_folder
from pipeline.core.settings import Project


@contextmanager
def alone(project: Project) -> Iterator[None]:
    """Hold the project's lock of comparisons.

    Raises:
        TandemError: another one runs.
    """
    private_folder(project.state)
    lock = FileLock(project.state / "compare.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise TandemError(
            "another comparison runs in this project, and the two would disturb each other",
            hint="wait until it has ended, then run the command again",
        ) from error
    try:
        yield
    finally:
        lock.release()
