"""Run one task in a thread of its own, from its network address to the removal of its last container."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread
from time import monotonic

from pipeline.local.ecs.planner import container_config, container_order
from pipeline.local.ecs.planner.container_order import ContainerLastStatus, HealthStatus
from pipeline.local.ecs.planner.service_actions import StopCode
from pipeline.local.ecs.planner.task_state import ContainerState, TaskLastStatus, TaskState
from pipeline.local.ecs.runner.docker_engine import ContainerEvent, DockerUnavailableError, TaskError
from pipeline.local.ecs.runner.messages import HealthyNotice, InspectRequest, StopRequest, TaskEndError
from pipeline.local.ecs.runner.target_groups import TaskTarget, wait_until_drained
from pipeline.local.ecs.runner.task_containers import TaskClients, TaskContainers
from pipeline.local.ecs.runner.task_record import TaskRecord, now

_log = logging.getLogger(__name__)
_TICK = 1.0
_RETRY = 0.5
_NO_MEMORY = "OutOfMemoryError: Container killed due to memory usage"
_HEALTH = {"health_status: healthy": HealthStatus.HEALTHY, "health_status: unhealthy": HealthStatus.UNHEALTHY}


class TaskRunner:
    """One task. Any thread may call the public methods; the private ones run in the task's own thread."""

    def __init__(
        self, clients: TaskClients, state: TaskState, service: str, targets: tuple[tuple[str, int], ...]
    ) -> None:
        self._clients = clients
        self._targets = targets
        self._messages: SimpleQueue[ContainerEvent | StopRequest | InspectRequest | HealthyNotice] = (
            SimpleQueue()
        )
        self._abandoned = Flag()
        self._definition = state.definition
        self._containers = TaskContainers(clients, state.definition, state.id, service)
        containers = {
            item.name: ContainerState(item.name, item.image) for item in self._definition.containers
        }
        self._record = TaskRecord(replace(state, containers=containers), clients.changed)
        self._thread = Thread(target=self._run, name=f"task-{state.id[:8]}", daemon=True)

    @property
    def state(self) -> TaskState:
        return self._record.state

    def begin(self) -> None:
        """Start the task's thread."""
        self._thread.start()

    def stop(self, code: StopCode, reason: str) -> None:
        """Ask the task to stop; returns at once."""
        self._messages.put(StopRequest(code, reason))

    def handle(self, event: ContainerEvent) -> None:
        """Pass an event of Docker to the task."""
        self._messages.put(event)

    def request_inspection(self) -> None:
        """Let the task inspect its containers: events may be missing."""
        self._messages.put(InspectRequest())

    def note_healthy(self, at: float) -> None:
        """Record when the task was healthy for the first time, in monotonic seconds."""
        self._messages.put(HealthyNotice(at))

    def abandon(self) -> None:
        """End the thread and leave the containers: the stack's server ends and removes them."""
        self._abandoned.set()
        self.stop(StopCode.USER, "the stack ends")

    def join(self, until: float) -> None:
        """Wait for the thread's end, until this monotonic time at most."""
        self._thread.join(max(until - monotonic(), 0.0))

    def targets(self) -> tuple[TaskTarget, ...]:
        """The task's targets in its target groups; none before it has an IP address."""
        address = self.state.address
        return tuple(TaskTarget(group, address, port) for group, port in self._targets if address)

    def _run(self) -> None:
        try:
            self._serve()
        except TaskEndError as end:
            task_end = end
        except TaskError as error:
            task_end = TaskEndError(StopCode.FAILED_TO_START, str(error))
        except DockerUnavailableError as error:
            reason = f"DockerTimeoutError: {error}"
            task_end = TaskEndError(StopCode.FAILED_TO_START, reason, docker_failed=True)
        except Exception as error:  # noqa: BLE001 - every end of a task has a reason
            _log.exception("task %s", self.state.id)
            task_end = TaskEndError(StopCode.FAILED_TO_START, f"InternalError: {error}")
        if not self._abandoned.is_set():
            self._record.end(task_end)
            self._end()

    def _serve(self) -> None:
        """Start all containers, then handle messages until one of them ends the task with an error."""
        self._prepare()
        start_began = monotonic()
        while not container_order.all_started(self._definition, self.state.progress()):
            self._start_next()
        self._record.phase(start=monotonic() - start_began)
        for target in self.targets():
            self._clients.targets.register(target)
        self._record.time(started=now())
        self._record.change(last_status=TaskLastStatus.RUNNING, running_since=monotonic())
        while True:
            self._handle_message()

    def _prepare(self) -> None:
        """Pull the images and get the network address at the same time."""
        with ThreadPoolExecutor(1) as pool:
            began = monotonic()
            self._record.time(pull_started=now())
            pulling = pool.submit(lambda: (self._containers.pull(), monotonic(), now()))
            self._record.change(address=self._containers.provision(), last_status=TaskLastStatus.PENDING)
            self._record.time(connectivity=now())
            self._record.phase(network=monotonic() - began)
            digests, pulled, pull_stopped = pulling.result()
        self._record.time(pull_stopped=pull_stopped)
        self._record.phase(pull=pulled - began)
        for name, digest in digests.items():
            self._record.container(name, digest=digest)

    def _start_next(self) -> None:
        while not self._messages.empty():
            self._handle_message()  # a stop request comes before further starts
        next_containers = container_order.next_containers(
            self._definition, self.state.progress(), monotonic()
        )
        for name, reason in next_containers.blocked:
            self._block(name, reason)
        for name in next_containers.start:
            self._start(name)
        if not next_containers.start and not next_containers.blocked:
            self._handle_message()

    def _block(self, name: str, reason: str) -> None:
        message = f"dependency graph: container ordering dependency for {name}: {reason}"
        self._record.container(name, reason=message, last_status=ContainerLastStatus.STOPPED)
        if self._definition[name].essential:
            raise TaskEndError(StopCode.FAILED_TO_START, f"Task failed to start: {reason}")

    def _start(self, name: str) -> None:
        try:
            container = self._containers.start(name)
        except TaskError as error:
            self._record.container(name, reason=str(error), last_status=ContainerLastStatus.STOPPED)
            raise
        self._record.container(
            name, docker_id=container.docker_id, last_status=ContainerLastStatus.RUNNING, started=monotonic()
        )
        self._record.phase(copy=self.state.phases.get("copy", 0.0) + container.copy)

    def _handle_message(self) -> None:
        """Wait one tick for a message; copy the logs if none arrives."""
        try:
            message = self._messages.get(timeout=_TICK)
        except Empty:
            self._containers.deliver_logs()
            return
        match message:
            case StopRequest(code, reason):
                raise TaskEndError(code, reason)
            case HealthyNotice(at):
                self._record.phase(healthy=at - (self.state.running_since or at))
            case InspectRequest():
                self._inspect()
            case ContainerEvent(container=name, action="die"):
                self._container_exited(name, message.exit_code)
            case ContainerEvent(container=name, action=action) if name in self.state.containers:
                self._record.container(name, health=_HEALTH.get(action, HealthStatus.UNKNOWN))

    def _inspect(self) -> None:
        with suppress(DockerUnavailableError):  # the scheduler asks again when Docker is back
            for name, state in self._containers.inspect_all().items():
                if state is None or not state.running:
                    self._container_exited(name, state.exit_code if state else None, missed=True)

    def _container_exited(self, name: str, exit_code: int | None, *, missed: bool = False) -> None:
        """Restart the container, or end the task if it is essential.

        `missed`: Docker was away when the container exited, and most likely the cause.
        """
        if name == container_config.PAUSE_CONTAINER:
            reason = "The task's network address is gone"
            raise TaskEndError(StopCode.ESSENTIAL_EXITED, reason, docker_failed=missed)
        progress = self.state.containers[name].progress
        if progress.last_status is ContainerLastStatus.STOPPED:
            return
        self._containers.deliver_log(name)
        seconds = monotonic() - (progress.started or monotonic())
        if container_order.should_restart(self._definition[name], exit_code, seconds):
            self._containers.restart(name)
            self._record.container(name, started=monotonic(), health=HealthStatus.UNKNOWN)
            return
        self._record.container(name, last_status=ContainerLastStatus.STOPPED, exit_code=exit_code)
        if self._definition[name].essential:
            reason = "Essential container in task exited"
            raise TaskEndError(StopCode.ESSENTIAL_EXITED, reason, docker_failed=missed)

    def _end(self) -> None:
        if self.state.times.started is not None:
            self._record.change(last_status=TaskLastStatus.DEACTIVATING)
            self._deregister()
        self._record.change(last_status=TaskLastStatus.STOPPING)
        self._retry(self._stop_containers)
        self._record.time(execution_stopped=now())
        self._record.change(last_status=TaskLastStatus.DEPROVISIONING)
        self._retry(self._containers.remove)
        self._record.time(stopped=now())
        self._record.change(last_status=TaskLastStatus.STOPPED)

    def _deregister(self) -> None:
        """Deregister the targets and wait for their connection draining, as long as the task can answer."""
        targets = self._clients.targets
        for target in self.targets():
            targets.deregister(target)
        if self.state.stop_code is StopCode.ESSENTIAL_EXITED:
            return  # an essential container is gone: no request can be answered
        wait_until_drained(targets, self.targets(), self._abandoned)

    def _stop_containers(self) -> None:
        for name, inspection in self._containers.stop_all().items():
            container = self.state.containers[name]
            code, reason = container.progress.exit_code, container.reason
            if inspection and code is None:
                code = inspection.exit_code
            if inspection and inspection.out_of_memory:
                reason = _NO_MEMORY
            self._record.container(
                name, last_status=ContainerLastStatus.STOPPED, exit_code=code, reason=reason
            )

    def _retry(self, action: Callable[[], None]) -> None:
        """Repeat the action until Docker answers: it may be restarting."""
        while not self._abandoned.is_set():
            with suppress(DockerUnavailableError):
                action()
                break
            self._abandoned.wait(_RETRY)
