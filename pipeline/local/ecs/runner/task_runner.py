"""Run one task from its network address to its last container's end, in a thread of its own."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread
from time import monotonic

from pipeline.local.ecs.planner import container_config as body
from pipeline.local.ecs.planner import container_order as order
from pipeline.local.ecs.planner.container_order import Health, Stage
from pipeline.local.ecs.planner.reconcile import StopCode
from pipeline.local.ecs.planner.task_state import ContainerReport, Report, Status
from pipeline.local.ecs.runner.docker_engine import EngineGoneError, Event, TaskError
from pipeline.local.ecs.runner.messages import Resync, Served, StopRequest
from pipeline.local.ecs.runner.target_groups import Target, drained
from pipeline.local.ecs.runner.task_containers import Surface, Vessel
from pipeline.local.ecs.runner.task_record import Record

_log = logging.getLogger(__name__)
_TICK = 1.0
_RETRY = 0.5
_NO_MEMORY = "OutOfMemoryError: Container killed due to memory usage"
_HEALTH = {"health_status: healthy": Health.HEALTHY, "health_status: unhealthy": Health.UNHEALTHY}


class _EndError(Exception):
    """The task ends now."""

    def __init__(self, code: StopCode, reason: str, *, blameless: bool = False) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.blameless = blameless


def _now() -> datetime:
    return datetime.now(UTC)


class Task:
    """One task; what has no underscore may be called from any thread, the rest is its own thread's."""

    def __init__(
        self, surface: Surface, report: Report, service: str, targets: tuple[tuple[str, int], ...]
    ) -> None:
        self._surface = surface
        self._targets = targets
        self._mail: SimpleQueue[Event | StopRequest | Resync | Served] = SimpleQueue()
        self._abandoned = Flag()
        self._definition = report.definition
        self._vessel = Vessel(surface, report.definition, report.id, service)
        containers = {
            item.name: ContainerReport(item.name, item.image) for item in self._definition.containers
        }
        self._record = Record(replace(report, containers=containers), surface.changed)
        self._thread = Thread(target=self._run, name=f"task-{report.id[:8]}", daemon=True)

    @property
    def report(self) -> Report:
        return self._record.report

    def begin(self) -> None:
        self._thread.start()

    def stop(self, code: StopCode, reason: str) -> None:
        self._mail.put(StopRequest(code, reason))

    def tell(self, event: Event) -> None:
        self._mail.put(event)

    def resync(self) -> None:
        self._mail.put(Resync())

    def note_healthy(self, at: float) -> None:
        self._mail.put(Served(at))

    def abandon(self) -> None:
        """End the thread, leave the containers: the stack as a whole goes."""
        self._abandoned.set()
        self.stop(StopCode.USER, "the stack ends")

    def join(self, until: float) -> None:
        self._thread.join(max(until - monotonic(), 0.0))

    def targets(self) -> tuple[Target, ...]:
        """The task's places in target groups; none before it has an address."""
        address = self.report.address
        return tuple(Target(group, address, port) for group, port in self._targets if address)

    def _run(self) -> None:
        try:
            self._live()
        except _EndError as end:
            ended = end
        except TaskError as error:
            ended = _EndError(StopCode.FAILED_TO_START, str(error))
        except EngineGoneError as error:
            reason = f"DockerTimeoutError: {error}"
            ended = _EndError(StopCode.FAILED_TO_START, reason, blameless=True)
        except Exception as error:  # noqa: BLE001 - a task must never vanish without a word
            _log.exception("task %s", self.report.id)
            ended = _EndError(StopCode.FAILED_TO_START, f"InternalError: {error}")
        if not self._abandoned.is_set():
            self._record.change(stop_code=ended.code, stop_reason=ended.reason, blameless=ended.blameless)
            self._record.time(stopping=_now())
            self._end()

    def _live(self) -> None:
        """Start all containers, then serve; ends with an error, always."""
        self._prepare()
        start_began = monotonic()
        while not order.settled(self._definition, self.report.seen()):
            self._launch()
        self._record.phase(start=monotonic() - start_began)
        for target in self.targets():
            self._surface.targets.register(target)
        self._record.time(started=_now())
        self._record.change(status=Status.RUNNING, running_since=monotonic())
        while True:
            self._read()

    def _prepare(self) -> None:
        """Get the network address while the images are pulled: neither needs the other."""
        with ThreadPoolExecutor(1) as pool:
            began = monotonic()
            self._record.time(pull_started=_now())
            pulling = pool.submit(lambda: (self._vessel.pull(), monotonic(), _now()))
            self._record.change(address=self._vessel.provision(), status=Status.PENDING)
            self._record.time(connectivity=_now())
            self._record.phase(network=monotonic() - began)
            digests, pulled, pull_stopped = pulling.result()
        self._record.time(pull_stopped=pull_stopped)
        self._record.phase(pull=pulled - began)
        for name, digest in digests.items():
            self._record.container(name, digest=digest)

    def _launch(self) -> None:
        while not self._mail.empty():
            self._read()  # a task that is not wanted any more starts nothing
        following = order.following(self._definition, self.report.seen(), monotonic())
        for name, reason in following.never:
            self._never(name, reason)
        for name in following.start:
            self._start(name)
        if not following.start and not following.never:
            self._read()

    def _never(self, name: str, reason: str) -> None:
        why = f"dependency graph: container ordering dependency for {name}: {reason}"
        self._record.container(name, reason=why, stage=Stage.STOPPED)
        if self._definition[name].essential:
            raise _EndError(StopCode.FAILED_TO_START, f"Task failed to start: {reason}")

    def _start(self, name: str) -> None:
        try:
            started = self._vessel.start(name)
        except TaskError as error:
            self._record.container(name, reason=str(error), stage=Stage.STOPPED)
            raise
        self._record.container(name, docker_id=started.docker_id, stage=Stage.RUNNING, started=monotonic())
        self._record.phase(copy=self.report.phases.get("copy", 0.0) + started.copy)

    def _read(self) -> None:
        """Wait for one message, a tick at most; deliver logs when nothing comes."""
        try:
            message = self._mail.get(timeout=_TICK)
        except Empty:
            self._vessel.deliver_logs()
            return
        match message:
            case StopRequest(code, reason):
                raise _EndError(code, reason)
            case Served(at):
                self._record.phase(healthy=at - (self.report.running_since or at))
            case Resync():
                self._look()
            case Event(container=name, action="die"):
                self._died(name, message.exit_code)
            case Event(container=name, action=action) if name in self.report.containers:
                self._record.container(name, health=_HEALTH.get(action, Health.UNKNOWN))

    def _look(self) -> None:
        with suppress(EngineGoneError):  # when it is back we shall be told to look again
            for name, state in self._vessel.states().items():
                if state is None or not state.running:
                    self._died(name, state.exit_code if state else None, missed=True)

    def _died(self, name: str, exit_code: int | None, *, missed: bool = False) -> None:
        """`missed`: Docker was away when it happened, and most likely why."""
        if name == body.PAUSE:
            reason = "The task's network address is gone"
            raise _EndError(StopCode.ESSENTIAL_EXITED, reason, blameless=missed)
        seen = self.report.containers[name].seen
        if seen.stage is Stage.STOPPED:
            return
        self._vessel.deliver_log(name)
        if order.restarts(self._definition[name], exit_code, monotonic() - (seen.started or monotonic())):
            self._vessel.restart(name)
            self._record.container(name, started=monotonic(), health=Health.UNKNOWN)
            return
        self._record.container(name, stage=Stage.STOPPED, exit_code=exit_code)
        if self._definition[name].essential:
            reason = "Essential container in task exited"
            raise _EndError(StopCode.ESSENTIAL_EXITED, reason, blameless=missed)

    def _end(self) -> None:
        registered = self.report.times.started is not None
        if registered:
            self._record.change(status=Status.DEACTIVATING)
            self._deregister()
        self._record.change(status=Status.STOPPING)
        self._insist(self._stop_containers)
        self._record.time(execution_stopped=_now())
        self._record.change(status=Status.DEPROVISIONING)
        self._insist(self._vessel.remove)
        self._record.time(stopped=_now())
        self._record.change(status=Status.STOPPED)

    def _deregister(self) -> None:
        """Out of the target groups, then wait until open requests have ended, or may be cut."""
        targets = self._surface.targets
        for target in self.targets():
            targets.deregister(target)
        if self.report.stop_code is StopCode.ESSENTIAL_EXITED:
            return  # nobody is left to answer
        drained(targets, self.targets(), self._abandoned)

    def _stop_containers(self) -> None:
        running = [name for name, state in self._vessel.states().items() if state and state.running]
        self._vessel.stop([name for name in running if name != body.PAUSE])
        self._vessel.deliver_logs()
        for name, state in self._vessel.states().items():
            if name != body.PAUSE:
                known = self.report.containers[name].seen.exit_code
                code = state.exit_code if state and known is None else known
                reason = _NO_MEMORY if state and state.out_of_memory else self.report.containers[name].reason
                self._record.container(name, stage=Stage.STOPPED, exit_code=code, reason=reason)

    def _insist(self, what: Callable[[], None]) -> None:
        """Until it works: Docker may be restarting."""
        while not self._abandoned.is_set():
            with suppress(EngineGoneError):
                what()
                break
            self._abandoned.wait(_RETRY)
