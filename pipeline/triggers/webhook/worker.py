"""Runs `tandem reconcile` whenever something waits, again after a failure, and on a schedule."""

import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.settings import Project
from pipeline.triggers.queue import Queue

_SOONEST, _LATEST = 5.0, 600.0  # seconds until a run that left something waiting is repeated
_PROGRAM = "from pipeline.cli.main import main; main()"


def reconcile_command(project: Project, environment: str) -> list[str]:
    """The command that releases what waits: a process of its own, so that its end does not end the server."""
    options = ["--env", environment, "--project", str(project.root)]
    return [sys.executable, "-c", _PROGRAM, "reconcile", *options]


@dataclass
class Worker:
    """Releases what waits, one run after another, while the server runs.

    A run begins when `wake` is called, at the start, and every `every` seconds for pushes whose delivery was
    lost. Leaving the context lets a run that has begun finish.
    """

    queue: Queue
    command: Sequence[str]
    every: float
    _something: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def wake(self) -> None:
        """Look at the queue now, or as soon as the present run has ended."""
        self._something.set()

    def __enter__(self) -> Self:
        self.wake()  # for what was stored before a restart
        self._thread = threading.Thread(target=self._work, name="reconcile", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._stop.set()
        self._something.set()
        if self._thread:
            self._thread.join()

    def _work(self) -> None:
        pause = _SOONEST
        while not self._stop.is_set():
            self._something.clear()
            is_done = self._run()
            pause = _SOONEST if is_done else min(pause * 2, _LATEST)
            self._something.wait(self.every if is_done else pause)

    def _run(self) -> bool:
        """Run the command; whether nothing waits after it."""
        try:
            # Its messages go to this process's log. A session of its own: Ctrl-C ends the server first.
            process = subprocess.run(
                self.command, stdout=subprocess.DEVNULL, start_new_session=True, check=False
            )
            if process.returncode:
                console.info(f"reconcile ended with exit code {process.returncode}", style="yellow")
        except OSError as error:
            console.info(f"reconcile could not start: {error}", style="yellow")
        try:
            return not self.queue.waiting()
        except TandemError as error:
            console.info(f"the queue cannot be read: {error.message}", style="yellow")
            return False
