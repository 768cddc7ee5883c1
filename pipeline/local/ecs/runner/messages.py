"""What other threads tell a task, besides Docker's events."""

from dataclasses import dataclass

from pipeline.local.ecs.planner.reconcile import StopCode


@dataclass(frozen=True)
class StopRequest:
    """End the task."""

    code: StopCode
    reason: str


@dataclass(frozen=True)
class Resync:
    """Events may have been missed: look at each container."""


@dataclass(frozen=True)
class Served:
    """The task passed all checks at this monotonic time."""

    at: float
