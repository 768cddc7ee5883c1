"""Write a container's output to a CloudWatch log stream."""

import time
from collections import deque
from datetime import UTC, datetime
from threading import Lock
from uuid import uuid4

from moto.backends import get_backend

_MAX_EVENTS = 2000
_TAIL = 200


class LogStream:
    """The log stream of one execution environment; creates its log group if it is missing."""

    def __init__(self, account: str, region: str, group: str, number: str) -> None:
        self.group = group
        self.stream = f"{datetime.now(UTC):%Y/%m/%d}/[{number}]{uuid4().hex}"
        self._scope = account, region
        self._rest = ""
        self._tail: deque[str] = deque(maxlen=_TAIL)
        self._lock = Lock()

    def feed(self, chunk: bytes) -> None:
        """Take a piece of output, and write its whole lines."""
        with self._lock:
            *lines, self._rest = (self._rest + chunk.decode(errors="replace")).split("\n")
            self._write(lines)

    def line(self, text: str) -> None:
        """Write one line."""
        with self._lock:
            self._write([text])

    def tail(self) -> bytes:
        """The last lines, for Invoke's `LogType=Tail`."""
        with self._lock:
            return "\n".join(self._tail).encode()

    def _write(self, lines: list[str]) -> None:
        if not lines:
            return
        self._tail.extend(lines)
        account, region = self._scope
        logs = get_backend("logs")[account][region]
        if self.group not in logs.groups:
            logs.create_log_group(self.group, {})
        streams = logs.groups[self.group].streams
        if self.stream not in streams:
            logs.create_log_stream(self.group, self.stream)
        now = int(time.time() * 1000)
        logs.put_log_events(
            self.group, self.stream, [{"timestamp": now, "message": line} for line in lines if line]
        )
        # moto keeps its logs in memory.
        del streams[self.stream].events[:-_MAX_EVENTS]
