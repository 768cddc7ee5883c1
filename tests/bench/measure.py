"""Measure a piece of work: seconds, bytes that reached the registry, peak memory of its processes."""

import multiprocessing
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SAMPLE = 0.02


@dataclass(frozen=True)
class Measurement:
    """One measured case."""

    megabytes: int
    tool: str
    case: str
    build: float
    push: float
    """Seconds; 0 if a tool builds and pushes at once, and `build` holds both."""
    sent: int
    changed: int
    memory: int = 0
    """Peak of private memory, in bytes; 0 if another process does the work."""
    read: int = 0
    """Bytes read from git's server and the registry; 0 where not measured."""

    @property
    def total(self) -> float:
        return self.build + self.push


def stored(registry: Path) -> int:
    """Bytes of all blobs in the registry's folder."""
    blobs = registry / "data/docker/registry/v2/blobs"
    return sum(file.stat().st_size for file in blobs.rglob("data"))


@contextmanager
def timed() -> Iterator[Callable[[], float]]:
    """Yield a function that returns the seconds of the block."""
    began = time.monotonic()
    ended: list[float] = []
    yield lambda: (ended[0] if ended else time.monotonic()) - began
    ended.append(time.monotonic())


def apart(work: Callable[[], Any]) -> tuple[Any, int]:
    """Run `work` in a process of its own; its result, and the peak private memory of the process tree."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=lambda: sender.send(work()))
    child.start()
    sender.close()
    peak, ended = [0], threading.Event()
    watcher = threading.Thread(target=_watch, args=(child.pid, peak, ended))
    watcher.start()
    try:
        result = receiver.recv()
    finally:
        child.join()
        ended.set()
        watcher.join()
    return result, peak[0]


def _watch(pid: int, peak: list[int], ended: threading.Event) -> None:
    while not ended.wait(_SAMPLE):
        peak[0] = max(peak[0], sum(_private(each) for each in _tree(pid)))


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            ids = children.read_text().split()
        except OSError:
            continue
        for child in ids:
            yield from _tree(int(child))


def _private(pid: int) -> int:
    """Memory of a process that no file backs, in bytes."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("RssAnon")), "RssAnon: 0")
    return int(line.split()[1]) * 1024


def run(*command: str | Path, **environment: str) -> str:
    """Run a command and return its output; RuntimeError if it fails."""
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr[-2000:]}")
    return done.stdout
