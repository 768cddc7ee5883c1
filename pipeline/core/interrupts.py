"""End what threads do when the run is interrupted: only the main thread hears of an interrupt."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_ended = threading.Event()
_callbacks: dict[object, Callable[[], object]] = {}


class RunInterruptedError(Exception):
    """The run was interrupted while this thread worked for it."""


@contextmanager
def interruptible() -> Iterator[None]:
    """If the block is interrupted, end what its threads wait for and do.

    What they wait for ends by the callbacks of `on_interrupt`, what they do at their next `go_on`.
    """
    if threading.current_thread() is threading.main_thread():
        _ended.clear()
    try:
        yield
    except BaseException as error:
        if not isinstance(error, Exception):
            _ended.set()
            for callback in list(_callbacks.values()):
                with suppress(Exception):  # the others must be called too
                    callback()
        raise


@contextmanager
def on_interrupt(callback: Callable[[], object]) -> Iterator[None]:
    """Call `callback`, in another thread, if the run is interrupted during the block."""
    key = object()
    _callbacks[key] = callback
    try:
        yield
    finally:
        del _callbacks[key]


def always_on_interrupt(callback: Callable[[], object]) -> None:
    """Call `callback` at each interrupt of this process."""
    _callbacks[callback] = callback


def go_on() -> None:
    """Call this between two pieces of long work in a thread.

    Raises:
        RunInterruptedError: the run was interrupted.
    """
    if _ended.is_set():
        raise RunInterruptedError
