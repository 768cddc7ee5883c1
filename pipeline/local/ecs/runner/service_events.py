"""A service's events, worded as ECS words them."""

import uuid
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pipeline.local.ecs.planner.service_actions import StopCode
from pipeline.local.ecs.planner.task_state import TaskLastStatus, TaskState

_MAX_EVENTS = 100


class ServiceEvents:
    """The last events of one service, newest first."""

    def __init__(self, service: str) -> None:
        self._service = service
        self.entries: deque[dict[str, Any]] = deque(maxlen=_MAX_EVENTS)

    def add(self, text: str) -> None:
        """Add an event about the service."""
        event = {
            "id": str(uuid.uuid4()),
            "createdAt": datetime.now(UTC),
            "message": f"(service {self._service}) {text}",
        }
        self.entries.appendleft(event)

    def task_changed(self, task: TaskState, before: TaskLastStatus | None, groups: Iterable[str]) -> None:
        """Add the events that a task's new `lastStatus` means for the service; `groups` are ARNs."""
        if task.last_status is TaskLastStatus.RUNNING:
            for group in groups:
                self.add(f"registered 1 targets in (target-group {group})")
        elif task.last_status is TaskLastStatus.DEACTIVATING:
            for group in groups:
                self.add(f"deregistered 1 targets in (target-group {group})")
                self.add("has begun draining connections on 1 tasks.")
        if task.stopping and before in (
            None,
            TaskLastStatus.PROVISIONING,
            TaskLastStatus.PENDING,
            TaskLastStatus.RUNNING,
        ):
            self._task_ended(task)
        if task.last_status is TaskLastStatus.STOPPED and task.stop_code is StopCode.SCHEDULER:
            self.add(f"has stopped 1 running tasks: (task {task.id}).")

    def task_stopping(self, task: str, reason: str) -> None:
        """Add the event for a task that is stopped because it failed its checks; scaling adds none."""
        if not reason.startswith("Scaling"):
            self.add(f"(task {task}) {reason.removeprefix('Task ')}")

    def _task_ended(self, task: TaskState) -> None:
        if task.stop_code is StopCode.FAILED_TO_START:
            self.add(f"(task {task.id}) failed to launch with (error {task.stop_reason})")
        elif task.stop_code is StopCode.ESSENTIAL_EXITED:
            self.add(f"(task {task.id}) stopped: {task.stop_reason}{_exit_codes(task)}")


def _exit_codes(task: TaskState) -> str:
    """The exit codes of the essential containers that exited, as text."""
    exits = [
        f"{item.name} exited {task.containers[item.name].progress.exit_code}"
        for item in task.definition.containers
        if item.essential and task.containers[item.name].progress.exit_code is not None
    ]
    return f" ({', '.join(exits)})" if exits else ""
