"""Messages to a task's thread, besides Docker's events."""

from dataclasses import dataclass

from pipeline.local.ecs.planner.reconcile import StopCode


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
