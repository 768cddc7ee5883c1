"""Copy the containers' output from Docker to CloudWatch Logs, as the `awslogs` driver does."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.backends import get_backend

from pipeline.local.ecs.planner.task_definition import LogConfiguration
from pipeline.local.ecs.runner.docker_engine import TaskError

_MAX_EVENTS = 10_000  # per stream: moto keeps them in memory

Fetch = Callable[[float], list[str]]
"""Lines with timestamps since a Unix time."""


class LogGroups:
    """The log groups of one account and region."""

    def __init__(self, account: str, region: str) -> None:
        self._logs: Any = get_backend("logs")[account][region]

    def open(self, logs: LogConfiguration, container: str, task: str) -> "ContainerLogStream":
        """The log stream of one container.

        Raises:
            TaskError: the log group does not exist, and `awslogs-create-group` is not set.
        """
        if logs.group not in self._logs.groups:
            if not logs.create_group:
                raise TaskError(
                    "ResourceInitializationError: failed to validate logger args: "
                    f"The specified log group does not exist: {logs.group}"
                )
            self._logs.create_log_group(logs.group, {})
        name = "/".join(part for part in (logs.prefix, container, task) if part)
        self._logs.ensure_log_stream(logs.group, name)
        return ContainerLogStream(self._logs, logs.group, name)


class ContainerLogStream:
    """One container's log stream; remembers the timestamp up to which it has delivered."""

    def __init__(self, logs: Any, group: str, name: str) -> None:  # noqa: ANN401 - a moto backend
        self._logs = logs
        self._group = group
        self._name = name
        self._last = ""

    def deliver(self, fetch: Fetch) -> int:
        """Deliver the lines that `fetch` returns and that are new; their number."""
        since = _seconds(self._last) - 1 if self._last else 0.0
        pairs = [line.partition(" ")[::2] for line in fetch(max(since, 0.0))]
        new = sorted((stamp, text) for stamp, text in pairs if stamp > self._last)
        if new and self._group in self._logs.groups:
            events = [{"timestamp": int(_seconds(stamp) * 1000), "message": text} for stamp, text in new]
            self._logs.put_log_events(self._group, self._name, events)
            stream = self._logs.groups[self._group].streams[self._name]
            stream.events = stream.events[-_MAX_EVENTS:]
            self._last = new[-1][0]
        return len(new)


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()
