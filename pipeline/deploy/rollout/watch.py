"""Look again and again until the rollout has ended, saying what changes."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median

from pipeline.aws.ecs import Look, Task, look
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.deploy.rollout.reasons import ended, failed, why
from pipeline.deploy.rollout.verdict import End, judge, summary

PATIENCE = 900.0  # seconds
_SPANS = (
    ("provision", "createdAt", "pullStartedAt"),
    ("pull", "pullStartedAt", "pullStoppedAt"),
    ("start", "pullStoppedAt", "startedAt"),
)


@dataclass(frozen=True)
class Rollout:
    """How a rollout ended. `phases` are medians over the new tasks, in seconds."""

    end: End
    task_definition: str
    running: str
    seconds: float
    reason: str = ""
    phases: Mapping[str, float] = field(default_factory=dict)

    def refuse(self) -> None:
        """TandemError unless the released revision is the one that runs."""
        if self.end is End.SUCCEEDED:
            return
        wanted, running = (arn.rpartition("/")[2] for arn in (self.task_definition, self.running))
        outcome = f"was rolled back to {running}" if self.end is End.ROLLED_BACK else "failed"
        raise TandemError(
            f"the rollout of {wanted} {outcome}: {self.reason or 'ECS gave no reason'}",
            hint="fix the cause and release again; tandem status shows what runs",
        )


def rollout(  # noqa: PLR0913 - what to watch, and how
    cluster: str,
    service: str,
    task_definition: str,
    *,
    patience: float = PATIENCE,
    every: float = 1.0,
    pause: Callable[[float], None] = time.sleep,
    check: Callable[[], None] = lambda: None,
    name: str = "",
) -> Rollout:
    """Watch until revision `task_definition` (an ARN) serves, has failed or was rolled back.

    `name` leads the lines of progress where it is given.
    `check` is called at each look, and may raise to stop watching (a lost lock). What does not end within
    `patience` seconds has failed.
    """
    began = time.monotonic()
    watched = _Watched(task_definition, name)
    while True:
        check()
        seen = look(cluster, service)
        watched.take(seen)
        verdict = judge(seen, task_definition, seen=watched.deployed)
        seconds = time.monotonic() - began
        if verdict.end is End.RUNNING and seconds < patience:
            pause(every)
            continue
        end, reason = verdict.end, verdict.reason
        if end is End.RUNNING:
            end, reason = End.FAILED, f"not done after {patience:.0f} s ({summary(seen, task_definition)})"
        told = [] if end is End.SUCCEEDED else [reason or watched.reason, *watched.why(seen)]
        return Rollout(
            end=end,
            task_definition=task_definition,
            running=seen.task_definition,
            seconds=seconds,
            reason="\n".join(line for line in told if line),
            phases=phases(seen.tasks_of(task_definition)),
        )


class _Watched:
    """What was seen so far, so that each change is said once and no reason gets lost."""

    def __init__(self, wanted: str, name: str) -> None:
        self.wanted = wanted
        self._name = f"{name}: " if name else ""
        self.deployed = False
        self.reason = ""
        self._explained = ""
        self._line = ""
        self._ended: set[str] = set()

    def take(self, seen: Look) -> None:
        deployment = seen.deployment_of(self.wanted)
        if deployment is not None:
            self.deployed = True
            self.reason = deployment.reason if deployment.state == "FAILED" else self.reason
        for task in failed(seen, self.wanted):
            if task.id not in self._ended:
                self._ended.add(task.id)
                # At once: ECS and the logs forget stopped tasks.
                self._explained = why(seen, self.wanted) or self._explained
                console.info(f"   {self._name}{ended(task)}")
        line = summary(seen, self.wanted)
        if line != self._line:
            self._line = line
            console.info(f"   {self._name}{line}")

    def why(self, seen: Look) -> list[str]:
        explained = why(seen, self.wanted) or self._explained
        return [explained] if explained else [message for _, message in seen.events[:3]]


def phases(tasks: list[Task]) -> dict[str, float]:
    """How long the tasks took to provision, pull and start, and what else they tell; medians in seconds."""
    spans: dict[str, list[float]] = {}
    for task in tasks:
        for name, first, last in _SPANS:
            if first in task.times and last in task.times:
                span = (task.times[last] - task.times[first]).total_seconds()
                spans.setdefault(name, []).append(max(0.0, span))
        for name, seconds in task.phases.items():
            spans.setdefault(name, []).append(seconds)
    return {name: round(median(values), 3) for name, values in spans.items()}
