"""A service's events, in the words that ECS uses for them."""

import uuid
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pipeline.local.ecs.planner.reconcile import StopCode
from pipeline.local.ecs.planner.task_state import Report, Status

_KEPT = 100


class Journal:
    """The last events of one service, newest first."""

    def __init__(self, service: str) -> None:
        self._service = service
        self.events: deque[dict[str, Any]] = deque(maxlen=_KEPT)

    def say(self, text: str) -> None:
        event = {
            "id": str(uuid.uuid4()),
            "createdAt": datetime.now(UTC),
            "message": f"(service {self._service}) {text}",
        }
        self.events.appendleft(event)

    def task_became(self, report: Report, before: Status | None, groups: Iterable[str]) -> None:
        """Say what a task's new status means to the service."""
        if report.status is Status.RUNNING:
            for group in groups:
                self.say(f"registered 1 targets in (target-group {group})")
        elif report.status is Status.DEACTIVATING:
            for group in groups:
                self.say(f"deregistered 1 targets in (target-group {group})")
                self.say("has begun draining connections on 1 tasks.")
        if report.stopping and before in (None, Status.PROVISIONING, Status.PENDING, Status.RUNNING):
            self._ended(report)
        if report.status is Status.STOPPED and report.stop_code is StopCode.SCHEDULER:
            self.say(f"has stopped 1 running tasks: (task {report.id}).")

    def stopping(self, task: str, reason: str) -> None:
        """Say that a task is stopped because it failed its checks; scaling speaks for itself."""
        if not reason.startswith("Scaling"):
            said = reason.removeprefix("Task ")
            self.say(f"(task {task}) {said}")

    def _ended(self, report: Report) -> None:
        if report.stop_code is StopCode.FAILED_TO_START:
            self.say(f"(task {report.id}) failed to launch with (error {report.stop_reason})")
        elif report.stop_code is StopCode.ESSENTIAL_EXITED:
            self.say(f"(task {report.id}) stopped: {report.stop_reason}{_exits(report)}")


def _exits(report: Report) -> str:
    """Which essential containers exited, and how."""
    exited = [
        f"{item.name} exited {report.containers[item.name].seen.exit_code}"
        for item in report.definition.containers
        if item.essential and report.containers[item.name].seen.exit_code is not None
    ]
    return f" ({', '.join(exited)})" if exited else ""
