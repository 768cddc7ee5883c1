"""What was measured on one machine, by `python -m tests.bench.alternatives`."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("measured.json")


@dataclass(frozen=True)
class MachineFigures:
    """Seconds, each a median of `n` unless its name ends with p99.

    A page is 50 KiB on an open connection. `file` is served by nginx from its disk, `cached` and `proxied` by
    nginx in front of an S3 server, `direct` by that server. `sync` and `copy` are of the whole content.
    """

    measured_at: str
    machine: str
    load: float
    n: int
    file_p50: float
    file_p99: float
    cached_p50: float
    cached_p99: float
    proxied_p50: float
    proxied_p99: float
    direct_p50: float
    direct_p99: float
    content_bytes: int
    files: int
    sync: float
    copy: float
    put: float

    @property
    def proxy(self) -> float:
        """What nginx adds to a request of S3."""
        return max(0.0, self.proxied_p50 - self.direct_p50)

    @property
    def copied_per_second(self) -> float:
        """Bytes that a copy of the content moves in a second."""
        return self.content_bytes / self.copy


@cache
def read() -> MachineFigures:
    """The measurements that are committed with the code."""
    values: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return MachineFigures(**values)
