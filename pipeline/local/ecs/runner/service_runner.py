"""Run one service: keep its deployments and tasks, and perform the planner's actions."""

import random
import uuid
from collections import deque
from datetime import UTC, datetime
from time import monotonic

from pipeline.local.ecs.api.moto_ecs import DesiredService, EcsBackend
from pipeline.local.ecs.planner import deployments, service_actions
from pipeline.local.ecs.planner.deployments import PlannedDeployment, RolloutState
from pipeline.local.ecs.planner.service_actions import ServiceTask, StopCode, TaskHealth
from pipeline.local.ecs.planner.task_health import task_health
from pipeline.local.ecs.planner.task_state import TaskLastStatus, TaskState, TaskTimes
from pipeline.local.ecs.runner.service_events import ServiceEvents
from pipeline.local.ecs.runner.task_containers import TaskClients
from pipeline.local.ecs.runner.task_runner import TaskRunner

_STOPPED = 50  # stopped tasks that DescribeTasks still shows


def deployment_id() -> str:
    """A new deployment id in ECS's format."""
    return f"ecs-svc/{random.randrange(10**18, 10**19)}"  # noqa: S311 - an id, no secret


class ServiceRunner:
    """One service's deployments and tasks; the scheduler calls it under its lock."""

    def __init__(
        self, clients: TaskClients, backend: EcsBackend, desired: DesiredService, first: str
    ) -> None:
        self._clients = clients
        self._backend = backend
        self.desired = desired
        self.events = ServiceEvents(desired.name)
        self.deployments: tuple[PlannedDeployment, ...] = ()
        self.last_completed: str | None = None
        self.tasks: dict[str, TaskRunner] = {}
        self.stopped: deque[TaskState] = deque(maxlen=_STOPPED)
        self._counted: set[str] = set()
        """Tasks that were healthy once, or whose failure has been counted."""
        self._last_statuses: dict[str, TaskLastStatus] = {}
        self._stop_requested: set[str] = set()
        """Tasks with a stop request in their queue, which a task reads only after its image pull."""
        self._steady = False
        self._begin_deployment(first, desired.task_definition)

    def sync(self, desired: DesiredService, *, force: bool = False) -> None:
        """Take over the service's settings; another task definition, or `force`, begins a new deployment."""
        self.desired = desired
        if force or desired.task_definition != self.deployments[0].task_definition:
            self._begin_deployment(deployment_id(), desired.task_definition)

    def _begin_deployment(self, new_id: str, task_definition: str) -> None:
        self.deployments = deployments.begin(self.deployments, new_id, task_definition)
        definition = self._backend.definition(task_definition)
        if definition.unsupported:
            names = ", ".join(definition.unsupported)
            self.events.add(f"(task-definition {definition.short}) has no effect on this machine: {names}")
        if self.desired.unsupported:
            self.events.add(f"has no effect on this machine: {', '.join(self.desired.unsupported)}")

    @property
    def idle(self) -> bool:
        """Whether the service is deleted and has no task."""
        return not self.desired.active and not self.tasks

    def step(self, *, may_start: bool) -> None:
        """Take in what happened to the tasks, let the planner decide, perform its actions.

        Without `may_start` no task starts: Docker's events are not connected.
        """
        now = monotonic()
        # A task of which only volumes are left to remove holds up no rollout.
        states = [
            self._service_task(task, now)
            for task in list(self.tasks.values())
            if self._update(task, now) and task.state.last_status is not TaskLastStatus.DEPROVISIONING
        ]
        service = self._service()
        for action in service_actions.decide(service, states, now):
            if may_start or not isinstance(action, service_actions.StartTasks):
                self._perform(action)
        self._report_steady_state(states)

    def _service(self) -> service_actions.Service:
        desired = self.desired
        return service_actions.Service(
            name=desired.name,
            desired_count=desired.desired_count,
            deployments=self.deployments,
            minimum_percent=desired.minimum_percent,
            maximum_percent=desired.maximum_percent,
            circuit_breaker=desired.circuit_breaker,
            rollback=desired.rollback,
            last_completed=self.last_completed,
            active=desired.active,
        )

    def _service_task(self, task: TaskRunner, now: float) -> ServiceTask:
        state = task.state
        since = now if state.running_since is None else state.running_since
        targets = [(target.group, self._clients.targets.state(target)) for target in task.targets()]
        grace = self.desired.grace_period
        health, reason = task_health(state, targets, running=now - since, grace=grace)
        if health is TaskHealth.HEALTHY and state.id not in self._counted:
            self._counted.add(state.id)
            task.note_healthy(now)
            self.deployments = deployments.reset_backoff(self.deployments, state.deployment)
        if state.id in self._stop_requested:
            health = TaskHealth.STOPPING
        return ServiceTask(state.id, state.deployment, health, state.began, reason)

    def _update(self, task: TaskRunner, now: float) -> bool:
        """Add events and count failures for a task's changes since the last step; False if it has stopped."""
        state = task.state
        before = self._last_statuses.get(state.id)
        self._last_statuses[state.id] = state.last_status
        if state.last_status is not before:
            self.events.task_changed(state, before, [target.group for target in task.targets()])
        if state.stopping and state.id not in self._counted and state.stop_code is not StopCode.USER:
            self._counted.add(state.id)
            self._count_failure(state, now)
        if state.last_status is not TaskLastStatus.STOPPED:
            return True
        del self.tasks[state.id], self._last_statuses[state.id]
        self._counted.discard(state.id)
        self._stop_requested.discard(state.id)
        self.stopped.append(state)
        return False

    def _count_failure(self, state: TaskState, now: float) -> None:
        """Count a task that was never healthy as a failure of its deployment, except after scaling in."""
        scaled_in = state.stop_code is StopCode.SCHEDULER and state.stop_reason.startswith("Scaling")
        if not scaled_in and not state.docker_failed:
            self.deployments = deployments.count_failure(self.deployments, state.deployment, now)

    def _perform(self, action: service_actions.Action) -> None:
        match action:
            case service_actions.StartTasks(deployment, count):
                self._start(deployment, count)
            case service_actions.StopTask(task, reason):
                self._stop_requested.add(task)
                self.events.task_stopping(task, reason)
                self.tasks[task].stop(StopCode.SCHEDULER, reason)
            case service_actions.CompleteDeployment(deployment):
                self.deployments = deployments.complete(self.deployments, deployment)
                self.last_completed = self.deployments[0].task_definition
                self.events.add(f"(deployment {deployment}) deployment completed.")
            case service_actions.DropDeployment(deployment):
                self.deployments = deployments.drop(self.deployments, deployment)
            case service_actions.FailDeployment(deployment, rollback_to):
                self._fail(deployment, rollback_to)

    def _start(self, deployment: str, count: int) -> None:
        definition = self._backend.definition(self.deployments[0].task_definition)
        ids = []
        for _ in range(count):
            state = TaskState(
                uuid.uuid4().hex, deployment, definition, TaskTimes(datetime.now(UTC)), monotonic()
            )
            targets = tuple((each.group, each.port) for each in self.desired.load_balancers)
            task = TaskRunner(self._clients, state, self.desired.name, targets)
            self.tasks[state.id] = task
            ids.append(state.id)
            task.begin()
        names = " ".join(f"(task {each})" for each in ids)
        self.events.add(f"has started {count} tasks: {names}.")

    def _fail(self, deployment: str, rollback_to: str | None) -> None:
        self.events.add(f"(deployment {deployment}) deployment failed: tasks failed to start.")
        self.deployments = deployments.fail(self.deployments, deployment, rollback_to, deployment_id)
        if rollback_to is not None:
            self._backend.service(self.desired.key).task_definition = rollback_to
            self.events.add(f"rolling back to deployment {self.deployments[0].id}.")

    def _report_steady_state(self, states: list[ServiceTask]) -> None:
        healths = [state.health for state in states]
        steady = (
            self.deployments[0].rollout_state is RolloutState.COMPLETED
            and healths == [TaskHealth.HEALTHY] * self.desired.desired_count
            and len(self.deployments) == 1
        )
        if steady and not self._steady:
            self.events.add("has reached a steady state.")
        self._steady = steady
