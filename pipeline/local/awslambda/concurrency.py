"""Reserved concurrency: how many invocations one function may have at once."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock


class Limits:
    """Counts what runs; `limit` says how much may."""

    def __init__(self, limit: Callable[[str], int]) -> None:
        self._limit = limit
        self._running: Counter[str] = Counter()
        self._lock = Lock()

    def running(self, name: str) -> int:
        """How many run now."""
        return self._running[name]

    @contextmanager
    def one(self, name: str) -> Iterator[bool]:
        """True if one more invocation may run, which then counts until the block ends."""
        with self._lock:
            admitted = self._running[name] < self._limit(name)
            self._running[name] += admitted
        try:
            yield admitted
        finally:
            with self._lock:
                self._running[name] -= admitted
