"""Watch the rollout of a service until it has ended, and show each change."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median

from pipeline.aws.access import Aws
from pipeline.aws.ecs import ServiceSnapshot, Task, read_service
from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.deploy.rollout.image_advice import advise
from pipeline.deploy.rollout.reasons import describe_end, explain, failed_tasks
from pipeline.deploy.rollout.rollout_phases import RolloutPhases
from pipeline.deploy.rollout.verdict import End, judge, summary

PATIENCE = 900.0  # seconds
_SPANS = (
    ("provision", "createdAt", "pullStartedAt"),
    ("pull", "pullStartedAt", "pullStoppedAt"),
    ("start", "pullStoppedAt", "startedAt"),
)


@dataclass(frozen=True)
class RolloutResult:
    """The end of a rollout. `running` is the ARN that the service runs; `phases` are medians in seconds."""

    end: End
    task_definition: str
    running: str
    seconds: float
    reason: str = ""
    phases: Mapping[str, float] = field(default_factory=dict)

    def require_success(self) -> None:
        """TandemError unless the rollout succeeded."""
        if self.end is End.SUCCEEDED:
            return
        released, running = (arn.rpartition("/")[2] for arn in (self.task_definition, self.running))
        outcome = f"was rolled back to {running}" if self.end is End.ROLLED_BACK else "failed"
        raise TandemError(
            f"the rollout of {released} {outcome}: {self.reason or 'ECS gave no reason'}",
            hint=advise(self.reason) or "fix the cause and release again; `tandem status` shows what runs",
        )


def watch_service(  # noqa: PLR0913 - what to watch, and how
    aws: Aws,
    cluster: str,
    service: str,
    task_definition: str,
    *,
    patience: float = PATIENCE,
    every: float = 1.0,
    pause: Callable[[float], None] = time.sleep,
    check: Callable[[], None] = lambda: None,
    name: str = "",
) -> RolloutResult:
    """Watch the rollout of revision `task_definition` (an ARN) until it has ended.

    `name` is put before each line of progress. `check` is called before each reading and raises if the lock
    was lost. A rollout without an end after `patience` seconds has failed.

    Raises:
        TandemError: the service does not exist, or ECS refuses.
    """
    began = time.monotonic()
    progress = _Progress(aws, task_definition, name)
    rollout_phases, was_new = RolloutPhases(task_definition, f"{name} " if name else ""), False
    while True:
        check()
        snapshot = read_service(aws, cluster, service)
        progress.add(snapshot)
        verdict = judge(snapshot, task_definition, was_seen=progress.was_seen)
        was_new = was_new or verdict.end is not End.SUCCEEDED
        if was_new:
            rollout_phases.add(snapshot)
        seconds = time.monotonic() - began
        if verdict.end is End.RUNNING and seconds < patience:
            pause(every)
            continue
        end, reason = verdict.end, verdict.reason
        if end is End.RUNNING:
            end, reason = (
                End.FAILED,
                f"not done after {patience:.0f} s ({summary(snapshot, task_definition)})",
            )
        if was_new:
            rollout_phases.end(succeeded=end is End.SUCCEEDED)
        lines = [] if end is End.SUCCEEDED else [reason or progress.reason, *progress.explain(snapshot)]
        return RolloutResult(
            end=end,
            task_definition=task_definition,
            running=snapshot.task_definition,
            seconds=seconds,
            reason="\n".join(line for line in lines if line),
            phases=phases(snapshot.tasks_of(task_definition)),
        )


class _Progress:
    """Shows each change once, and keeps explanations that ECS and the logs forget."""

    def __init__(self, aws: Aws, revision: str, name: str) -> None:
        self._aws = aws
        self.revision = revision
        self._name = f"{name}: " if name else ""
        self.was_seen = False
        self.reason = ""
        self._explanation = ""
        self._line = ""
        self._stopped: set[str] = set()

    def add(self, snapshot: ServiceSnapshot) -> None:
        """Show what has changed since the last snapshot."""
        deployment = snapshot.deployment_of(self.revision)
        if deployment is not None:
            self.was_seen = True
            self.reason = deployment.reason if deployment.state == "FAILED" else self.reason
        for task in failed_tasks(snapshot, self.revision):
            if task.id not in self._stopped:
                self._stopped.add(task.id)
                # Now, because ECS forgets stopped tasks.
                self._explanation = explain(self._aws, snapshot, self.revision) or self._explanation
                console.info(f"   {self._name}{describe_end(task)}")
        line = summary(snapshot, self.revision)
        if line != self._line:
            self._line = line
            console.info(f"   {self._name}{line}")

    def explain(self, snapshot: ServiceSnapshot) -> list[str]:
        """Why the rollout failed: its newest failed task, or else the newest events."""
        explanation = explain(self._aws, snapshot, self.revision) or self._explanation
        return [explanation] if explanation else [message for _, message in snapshot.events[:3]]


def phases(tasks: list[Task]) -> dict[str, float]:
    """Medians in seconds of the tasks' phases: provision, pull, start, and those of the local ECS."""
    spans: dict[str, list[float]] = {}
    for task in tasks:
        for name, first, last in _SPANS:
            if first in task.times and last in task.times:
                span = (task.times[last] - task.times[first]).total_seconds()
                spans.setdefault(name, []).append(max(0.0, span))
        for name, seconds in task.phases.items():
            spans.setdefault(name, []).append(seconds)
    return {name: round(median(values), 3) for name, values in spans.items()}
