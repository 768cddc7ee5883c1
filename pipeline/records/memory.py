"""Measure the largest resident memory of this process during a block."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_RESET = "5"
"""Sets the kernel's VmHWM back to the memory that is resident now: proc_pid_clear_refs(5)."""


@contextmanager
def peak_memory() -> Iterator[Callable[[], int | None]]:
    """The block gets a function that returns the peak since the block began, in bytes.

    It returns None on a system without Linux's /proc, or where the kernel refuses.
    """
    try:
        Path("/proc/self/clear_refs").write_text(_RESET, encoding="ascii")
    except OSError:
        yield lambda: None
    else:
        yield _high_water_mark


def _high_water_mark() -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None
