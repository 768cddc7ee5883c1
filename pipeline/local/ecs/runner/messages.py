"""Messages to a task's thread, besides Docker's events, and the error that ends it."""

from dataclasses import dataclass

from pipeline.local.ecs.planner.service_actions import StopCode


@dataclass(frozen=True)
class StopRequest:
    """End the task."""

    code: StopCode
    reason: str


@dataclass(frozen=True)
class InspectRequest:
    """Docker's events had a gap: inspect each container."""


@dataclass(frozen=True)
class HealthyNotice:
    """The task was healthy for the first time at this monotonic time."""

    at: float


class TaskEndError(Exception):
    """Raised in the task's thread to end the task; `docker_failed` if Docker's absence is the cause."""

    def __init__(self, code: StopCode, reason: str, *, docker_failed: bool = False) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.docker_failed = docker_failed
