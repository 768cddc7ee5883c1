"""Pool the execution environments of one function version."""

import time
from collections.abc import Callable
from threading import Condition

from pipeline.local.awslambda.execution_environment import ExecutionEnvironment
from pipeline.local.awslambda.invocation import InvocationResult


class ContainerPool:
    """Idle execution environments of one version; a new one starts if none is idle."""

    def __init__(self, make: Callable[[], ExecutionEnvironment]) -> None:
        self._make = make
        self._idle: list[ExecutionEnvironment] = []
        self._warming = False
        self._closed = False
        self._changed = Condition()

    def take(self) -> ExecutionEnvironment | InvocationResult:
        """An idle execution environment or a new one; the result of its failed start."""
        with self._changed:
            # The first one is starting: waiting for it takes no longer than starting another.
            self._changed.wait_for(lambda: self._idle or not self._warming)
            while self._idle:
                environment = self._idle.pop()
                if environment.alive:
                    return environment
                environment.close()
        return self._start()

    def give(self, environment: ExecutionEnvironment) -> None:
        """Take an execution environment back after an invocation; one that has ended is closed."""
        with self._changed:
            keep = environment.alive and not self._closed
            if keep:
                self._idle.append(environment)
                self._changed.notify_all()
        if not keep:
            environment.close()

    def warm(self) -> InvocationResult | None:
        """Start the first execution environment before the first invocation; the result of a failed start."""
        with self._changed:
            self._warming = True
        try:
            environment = self._start()
            if isinstance(environment, InvocationResult):
                return environment
            self.give(environment)
            return None
        finally:
            with self._changed:
                self._warming = False
                self._changed.notify_all()

    def reap(self, seconds: float) -> None:
        """Close the execution environments that were idle for `seconds`."""
        before = time.monotonic() - seconds
        with self._changed:
            old = [each for each in self._idle if each.idle_since < before or not each.alive]
            self._idle = [each for each in self._idle if each not in old]
        for environment in old:
            environment.close()

    def close(self) -> None:
        """Close the idle execution environments, and the others when they come back."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
        for environment in idle:
            environment.close()

    def _start(self) -> ExecutionEnvironment | InvocationResult:
        environment = self._make()
        return environment.start() or environment
