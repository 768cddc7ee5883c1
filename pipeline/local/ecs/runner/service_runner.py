"""One service: remembers its deployments and tasks, and performs what is decided."""

import random
import uuid
from collections import deque
from datetime import UTC, datetime
from time import monotonic

from pipeline.local.ecs.api.moto_ecs import Backend, Wanted
from pipeline.local.ecs.planner import deployments as rollout
from pipeline.local.ecs.planner import reconcile as decisions
from pipeline.local.ecs.planner.deployments import Deployment, Rollout
from pipeline.local.ecs.planner.reconcile import Fit, StopCode, TaskState
from pipeline.local.ecs.planner.task_health import fitness
from pipeline.local.ecs.planner.task_state import Report, Status, Times
from pipeline.local.ecs.runner.service_events import Journal
from pipeline.local.ecs.runner.task_containers import Surface
from pipeline.local.ecs.runner.task_runner import Task

_STOPPED = 50  # tasks that have ended and are still shown


def deployment_id() -> str:
    """An id as ECS gives them."""
    return f"ecs-svc/{random.randrange(10**18, 10**19)}"  # noqa: S311 - a name, no secret


class ServiceRunner:
    """One service's deployments and tasks; the scheduler calls it under its lock."""

    def __init__(self, surface: Surface, backend: Backend, wanted: Wanted, first: str) -> None:
        self._surface = surface
        self._backend = backend
        self.wanted = wanted
        self.journal = Journal(wanted.name)
        self.deployments: tuple[Deployment, ...] = ()
        self.last_completed: str | None = None
        self.tasks: dict[str, Task] = {}
        self.stopped: deque[Report] = deque(maxlen=_STOPPED)
        self._served: set[str] = set()
        self._known: dict[str, Status] = {}
        self._told: set[str] = set()
        """Tasks told to stop, which may be in the middle of a pull and not have heard yet."""
        self._steady = False
        self._begin(first, wanted.task_definition)

    def sync(self, wanted: Wanted, *, force: bool = False) -> None:
        """Take over what is wanted now; another task definition, or force, is a new deployment."""
        self.wanted = wanted
        if force or wanted.task_definition != self.deployments[0].task_definition:
            self._begin(deployment_id(), wanted.task_definition)

    def _begin(self, new: str, task_definition: str) -> None:
        self.deployments = rollout.begin(self.deployments, new, task_definition)
        definition = self._backend.definition(task_definition)
        if definition.unsupported:
            names = ", ".join(definition.unsupported)
            self.journal.say(f"(task-definition {definition.short}) has no effect on this machine: {names}")
        if self.wanted.unsupported:
            self.journal.say(f"has no effect on this machine: {', '.join(self.wanted.unsupported)}")

    @property
    def idle(self) -> bool:
        """Whether the service is gone and nothing of it runs."""
        return not self.wanted.active and not self.tasks

    def step(self, *, may_start: bool) -> None:
        """Notice what happened, then decide, then act."""
        now = monotonic()
        states = [self._state(task, now) for task in list(self.tasks.values()) if self._notice(task, now)]
        service = self._service()
        for action in decisions.decide(service, states, now):
            if may_start or not isinstance(action, decisions.Start):
                self._perform(action)
        self._settle(states)

    def _service(self) -> decisions.Service:
        wanted = self.wanted
        return decisions.Service(
            name=wanted.name,
            desired=wanted.desired,
            deployments=self.deployments,
            minimum_percent=wanted.minimum_percent,
            maximum_percent=wanted.maximum_percent,
            breaker=wanted.breaker,
            rollback=wanted.rollback,
            last_completed=self.last_completed,
            active=wanted.active,
        )

    def _state(self, task: Task, now: float) -> TaskState:
        report = task.report
        since = now if report.running_since is None else report.running_since
        targets = [(target.group, self._surface.targets.state(target)) for target in task.targets()]
        fit, reason = fitness(report, targets, running=now - since, grace=self.wanted.grace)
        if fit is Fit.FIT and report.id not in self._served:
            self._served.add(report.id)
            task.note_healthy(now)
            self.deployments = rollout.served(self.deployments, report.deployment)
        if report.id in self._told:
            fit = Fit.STOPPING
        return TaskState(report.id, report.deployment, fit, report.began, reason)

    def _notice(self, task: Task, now: float) -> bool:
        """Say and count what happened to a task since the last look; False once it has stopped."""
        report = task.report
        before = self._known.get(report.id)
        self._known[report.id] = report.status
        if report.status is not before:
            self.journal.task_became(report, before, [target.group for target in task.targets()])
        if report.stopping and report.id not in self._served and report.stop_code is not StopCode.USER:
            self._served.add(report.id)  # counted once
            self._count(report, now)
        if report.status is not Status.STOPPED:
            return True
        del self.tasks[report.id], self._known[report.id]
        self._served.discard(report.id)
        self._told.discard(report.id)
        self.stopped.append(report)
        return False

    def _count(self, report: Report, now: float) -> None:
        """A task that never served is a failure of its deployment, unless it was merely scaled away."""
        scaled = report.stop_code is StopCode.SCHEDULER and report.stop_reason.startswith("Scaling")
        if not scaled and not report.blameless:
            self.deployments = rollout.count_failure(self.deployments, report.deployment, now)

    def _perform(self, action: decisions.Action) -> None:
        match action:
            case decisions.Start(deployment, count):
                self._start(deployment, count)
            case decisions.Stop(task, reason):
                self._told.add(task)
                self.journal.stopping(task, reason)
                self.tasks[task].stop(StopCode.SCHEDULER, reason)
            case decisions.Complete(deployment):
                self.deployments = rollout.complete(self.deployments, deployment)
                self.last_completed = self.deployments[0].task_definition
                self.journal.say(f"(deployment {deployment}) deployment completed.")
            case decisions.Drop(deployment):
                self.deployments = rollout.drop(self.deployments, deployment)
            case decisions.Fail(deployment, back_to):
                self._fail(deployment, back_to)

    def _start(self, deployment: str, count: int) -> None:
        definition = self._backend.definition(self.deployments[0].task_definition)
        started = []
        for _ in range(count):
            report = Report(uuid.uuid4().hex, deployment, definition, Times(datetime.now(UTC)), monotonic())
            targets = tuple((each.group, each.port) for each in self.wanted.balancers)
            task = Task(self._surface, report, self.wanted.name, targets)
            self.tasks[report.id] = task
            started.append(report.id)
            task.begin()
        names = " ".join(f"(task {each})" for each in started)
        self.journal.say(f"has started {count} tasks: {names}.")

    def _fail(self, deployment: str, back_to: str | None) -> None:
        self.journal.say(f"(deployment {deployment}) deployment failed: tasks failed to start.")
        self.deployments = rollout.fail(self.deployments, deployment, back_to, deployment_id)
        if back_to is not None:
            self._backend.service(self.wanted.key).task_definition = back_to
            self.journal.say(f"rolling back to deployment {self.deployments[0].id}.")

    def _settle(self, states: list[TaskState]) -> None:
        ours = [state.fit for state in states]
        steady = (
            self.deployments[0].rollout is Rollout.COMPLETED
            and ours == [Fit.FIT] * self.wanted.desired
            and len(self.deployments) == 1
        )
        if steady and not self._steady:
            self.journal.say("has reached a steady state.")
        self._steady = steady
