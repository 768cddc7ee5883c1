"""Requests at full rate for minutes, and what they leave: `python -m tests.bench.soak`, or `make soak`.

Clients ask a stack of its own for pages, assets and the API, some over one connection, some over a new one
each time. Each process's memory and file descriptors are read after a fifth of the time, and at the end.
It fails if a process has grown, and names the part of the stack.
"""

import argparse
import http.client
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import docker

from pipeline.core.settings import load
from pipeline.local.context import LABEL
from pipeline.local.stack import Stack
from tests.bench.processes import HEADING, Process, growth, process, usage
from tests.e2e.stack import LocalStack, make_project

PATHS = ("/", "/api/health", "/static/manifest.json", "/api/releases", "/", "/api/items")
_WARM_UP = 0.2  # of the time
_QUIET = 10.0  # seconds without requests before the last look
_KEPT, _NEW = 3, 1  # clients that keep their connection, and that open one for each request


@dataclass
class Clients:
    """Ask for the paths again and again while the block runs; counts of each status or error."""

    url: str
    answers: Counter[str] = field(default_factory=Counter)
    _done: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _counted: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        kinds = [True] * _KEPT + [False] * _NEW
        self._threads = [threading.Thread(target=self._ask, args=(kept,), daemon=True) for kept in kinds]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, kept: bool) -> None:  # noqa: FBT001 - of a thread
        url, seen = urlsplit(self.url), Counter[str]()
        connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=30)
        while not self._done.is_set():
            for path in PATHS:
                try:
                    connection.request("GET", path)
                    answer = connection.getresponse()
                    answer.read()
                    seen[str(answer.status)] += 1
                except (OSError, http.client.HTTPException) as error:
                    seen[type(error).__name__] += 1
                    connection.close()
                if not kept:
                    connection.close()
        connection.close()
        with self._counted:
            self.answers += seen


def processes(stack: Stack) -> Iterator[Process]:
    """Every process of the stack: its server, and those in its containers."""
    holder = stack.lock.holder()
    if holder is not None and (server := process("local AWS", holder.pid)):
        yield server
    client = docker.from_env()
    try:
        for container in client.containers.list(
            filters={"label": f"{LABEL}.stack={stack.id}"}, ignore_removed=True
        ):
            part = _part(container.labels)
            top: Any = container.top()
            for row in top["Processes"]:
                if container_process := process(part, int(row[top["Titles"].index("PID")])):
                    yield container_process
    finally:
        client.close()


def _part(labels: dict[str, str]) -> str:
    role = labels.get(f"{LABEL}.role", "other")
    name = labels.get(f"{LABEL}.container", "")
    return " ".join(filter(None, (role, name)))


def soak(stack: Stack, seconds: float) -> bool:
    """Load the stack, print what its processes have before and after, and whether none has grown."""
    began = time.monotonic()
    with Clients(stack.url) as clients:
        time.sleep(seconds * _WARM_UP)
        before = usage(processes(stack))
        time.sleep(seconds * (1 - _WARM_UP))
    took = time.monotonic() - began
    time.sleep(_QUIET)
    after = usage(before)
    total, parts = clients.answers.total(), growth(before, after)
    print(f"{total:,} requests in {took:.0f} s, {total / took:.0f} a second: {dict(clients.answers)}")
    print(HEADING, *parts, sep="\n")
    wrong = {kind: count for kind, count in clients.answers.items() if kind != "200"}
    if wrong:
        print(f"not answered with 200: {wrong}", file=sys.stderr)
    return not wrong and not any(part.problem for part in parts)


@contextmanager
def _own_stack() -> Iterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="tandem-soak-") as folder:
        local = LocalStack(make_project(Path(folder)))
        try:
            local.tandem("up")
            yield local.stack
        finally:
            local.tandem("down", check=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument(
        "--project", type=Path, help="a folder whose stack is up; default: a stack of its own"
    )
    options = parser.parse_args()
    if options.project:
        steady = soak(Stack.of(load(options.project.resolve())), options.minutes * 60)
    else:
        with _own_stack() as stack:
            steady = soak(stack, options.minutes * 60)
    sys.exit(0 if steady else 1)


if __name__ == "__main__":
    main()
