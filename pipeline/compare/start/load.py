"""A bounded load on one port of 127.0.0.1: so many requests a second, from few connections."""

import http.client
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from threading import Event, Lock, Thread

_CONNECTIONS = 2
_TIMEOUT = 10.0
_ERROR = 400
_PERCENTILE = 0.99


@dataclass
class LoadResult:
    """What the load met so far."""

    seconds: list[float] = field(default_factory=list)
    """Of each answered request."""
    failed: int = 0
    """Requests without an answer, or with one of 400 and above."""
    _lock: Lock = field(default_factory=Lock)

    @property
    def requests(self) -> int:
        return len(self.seconds) + self.failed

    @property
    def p99(self) -> float:
        """The seconds that 99 of 100 answers took at most; 0 without an answer."""
        sorted_seconds = sorted(self.seconds)
        return sorted_seconds[math.ceil(_PERCENTILE * len(sorted_seconds)) - 1] if sorted_seconds else 0.0

    def add(self, seconds: float, *, failed: bool) -> None:
        with self._lock:
            if failed:
                self.failed += 1
            else:
                self.seconds.append(seconds)


@dataclass(frozen=True)
class _Client:
    """One connection that asks at fixed times: a slow answer delays the next request, and drops none."""

    port: int
    paths: Sequence[str]
    pause: float
    most: int
    result: LoadResult
    ended: Event

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT)
        begin = time.monotonic()
        for number, path in enumerate(islice(cycle(self.paths), self.most)):
            if self.ended.wait(max(begin + number * self.pause - time.monotonic(), 0)):
                break
            sent_at = time.monotonic()
            failed = not 0 < _status(connection, path) < _ERROR
            self.result.add(time.monotonic() - sent_at, failed=failed)
        connection.close()


@contextmanager
def bounded_load(port: int, paths: Sequence[str], rate: float, most: int) -> Iterator[LoadResult]:
    """Ask for the paths in turn while the block runs: `rate` requests a second, `most` in all."""
    result, ended = LoadResult(), Event()
    pause, share = _CONNECTIONS / rate, most // _CONNECTIONS
    clients = [
        _Client(port, [*paths[number:], *paths[:number]], pause, share, result, ended)
        for number in range(_CONNECTIONS)
    ]
    threads = [Thread(target=client.run, daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    try:
        yield result
    finally:
        ended.set()
        for thread in threads:
            thread.join(_TIMEOUT)


def answers(port: int, path: str) -> bool:
    """Whether a GET over a connection of its own is answered, and not by an error."""
    return 0 < _status_of(port, path) < _ERROR


def responds(port: int) -> bool:
    """Whether a GET is answered at all."""
    return _status_of(port, "/") > 0


def _status_of(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    try:
        return _status(connection, path)
    finally:
        connection.close()


def _status(connection: http.client.HTTPConnection, path: str) -> int:
    """The status of the answer; 0 without one."""
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        return 0
    return answer.status
