"""Limit each function's concurrent invocations to its reserved concurrency."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock


class ConcurrencyLimits:
    """Counts running invocations by function name; `limit` gives the maximum."""

    def __init__(self, limit: Callable[[str], int]) -> None:
        self._limit = limit
        self._running: Counter[str] = Counter()
        self._lock = Lock()

    def running(self, name: str) -> int:
        """The number of running invocations."""
        return self._running[name]

    @contextmanager
    def admit(self, name: str) -> Iterator[bool]:
        """Admit one more invocation until the block ends; False if the limit is reached."""
        with self._lock:
            is_admitted = self._running[name] < self._limit(name)
            self._running[name] += is_admitted
        try:
            yield is_admitted
        finally:
            with self._lock:
                self._running[name] -= is_admitted
