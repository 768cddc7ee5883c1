"""Time the phases of a rollout: until the new tasks run, are healthy, and the old ones are gone."""

import time
from dataclasses import dataclass, field

from pipeline.aws.ecs import ServiceSnapshot
from pipeline.core import timeline
from pipeline.records.run_record import NEW_CONTENT

_PHASES = ("tasks start", "tasks healthy", "old tasks leave")


@dataclass
class RolloutPhases:
    """The phases of the rollout of `revision`, as parts of the run; `name` is put before them."""

    revision: str
    name: str = ""
    began: float = field(default_factory=time.monotonic)
    ended: int = 0
    """The number of phases that have ended."""
    old: int | None = None
    """The running tasks of other revisions at first."""

    def add(self, snapshot: ServiceSnapshot) -> None:
        """End the phases that are over in this snapshot."""
        old = sum(item.running for item in snapshot.deployments if item.task_definition != self.revision)
        self.old = old if self.old is None else self.old
        new = snapshot.deployment_of(self.revision)
        running = new.running if new else 0
        healthy = sum(task.health == "HEALTHY" for task in snapshot.tasks_of(self.revision))
        # Without health checks of containers, ECS shows that the new tasks do well by stopping old ones.
        are_healthy = bool(new) and (min(healthy, running) >= snapshot.desired or old < self.old)
        if running >= snapshot.desired or are_healthy:
            self._end(0)
        if are_healthy and self._end(1):
            timeline.mark(NEW_CONTENT)

    def end(self, *, succeeded: bool) -> None:
        """The rollout is over: end the phase that still runs."""
        if succeeded and self._end(1):
            timeline.mark(NEW_CONTENT)
        if self.ended < len(_PHASES):
            self._end(self.ended)

    def _end(self, phase: int) -> bool:
        """End the phases up to number `phase`; whether one did."""
        now, before = time.monotonic(), self.ended
        while self.ended <= phase:
            timeline.add(f"{self.name}{_PHASES[self.ended]}", self.began, now)
            self.began, self.ended = now, self.ended + 1
        return self.ended > before
