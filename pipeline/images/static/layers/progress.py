"""Report the progress of a build that takes longer than a second: bytes, rate and time left."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipeline.core import console

_FIRST, _TERMINAL, _PLAIN = 1.0, 0.5, 10.0


class ByteProgress:
    """Counts bytes that are written to layers and sent; threads share it."""

    def __init__(self, total: int = 0) -> None:
        self.total = total
        """Bytes of content to write to layers; 0 if unknown."""
        self.written, self.packed, self.sent = 0, 0, 0
        self._lock = threading.Lock()
        self._began = time.monotonic()

    def layer(self, written: int, packed: int) -> None:
        """`written` bytes of content became `packed` bytes of a layer."""
        with self._lock:
            self.written += written
            self.packed += packed

    def moved(self, count: int) -> None:
        """`count` bytes were sent to the registry."""
        with self._lock:
            self.sent += count

    @property
    def done(self) -> float:
        """The part of the work that is done, from 0 to 1; 0 while it is unknown."""
        if not self.total or not self.written:
            return 0.0
        to_send = self.total * self.packed / self.written
        return min((self.written + self.sent) / (self.total + to_send), 1.0)

    def text(self) -> str:
        """One line for people."""
        seconds = max(time.monotonic() - self._began, 0.001)
        of = f" of {size(self.total)}" if self.total > self.written else ""
        time_left = f", {seconds / self.done - seconds:.0f} s left" if self.done else ""
        rate = size(int(self.written / seconds))
        return f"static: {size(self.written)}{of} made, {size(self.sent)} sent, {rate}/s{time_left}"


def size(count: float) -> str:
    """Bytes for people: 1.2 GB."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:  # noqa: PLR2004 - the prefixes' step
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


@contextmanager
def show_progress(text: Callable[[], str]) -> Iterator[None]:
    """Print `text()` from time to time while the block runs, after its first second."""
    ended = threading.Event()
    thread = threading.Thread(target=_show, args=(text, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _show(text: Callable[[], str], ended: threading.Event) -> None:
    if ended.wait(_FIRST):
        return
    rewrites = console.is_terminal()
    while True:
        if rewrites:
            sys.stderr.write(f"\r\033[K   {text()}")
            sys.stderr.flush()
        else:
            console.info(f"   {text()}", style="dim")
        if ended.wait(_TERMINAL if rewrites else _PLAIN):
            break
    if rewrites:
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()
