"""The containers of one function version: taken for a job, given back, ended when idle for long."""

import time
from collections.abc import Callable
from threading import Condition

from pipeline.local.awslambda.execution_environment import Instance
from pipeline.local.awslambda.invocation import Outcome


class Fleet:
    """Idle containers of one version; as many as are taken at once are started."""

    def __init__(self, make: Callable[[], Instance]) -> None:
        self._make = make
        self._idle: list[Instance] = []
        self._warming = False
        self._closed = False
        self._changed = Condition()

    def take(self) -> Instance | Outcome:
        """A container that waits for a job, started if none is idle; the outcome of its failed start."""
        with self._changed:
            # The first container is on its way already: as quick as starting another.
            self._changed.wait_for(lambda: self._idle or not self._warming)
            while self._idle:
                instance = self._idle.pop()
                if instance.alive:
                    return instance
        return self._started()

    def give(self, instance: Instance) -> None:
        """Back from a job; one that ended is forgotten."""
        with self._changed:
            keep = instance.alive and not self._closed
            if keep:
                self._idle.append(instance)
                self._changed.notify_all()
        if not keep:
            instance.close()

    def warm(self) -> Outcome | None:
        """Start the first container ahead of its first job; the outcome of a failed start."""
        with self._changed:
            self._warming = True
        try:
            started = self._started()
            if isinstance(started, Outcome):
                return started
            self.give(started)
            return None
        finally:
            with self._changed:
                self._warming = False
                self._changed.notify_all()

    def reap(self, seconds: float) -> None:
        """End the containers that were idle for so long."""
        before = time.monotonic() - seconds
        with self._changed:
            old = [one for one in self._idle if one.idle_since < before or not one.alive]
            self._idle = [one for one in self._idle if one not in old]
        for instance in old:
            instance.close()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
        for instance in idle:
            instance.close()

    def _started(self) -> Instance | Outcome:
        instance = self._make()
        return instance.start() or instance
