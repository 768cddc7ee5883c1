"""Run all services of the control plane on Docker, and show clients what runs."""

import logging
from collections.abc import Callable
from threading import Event as Flag
from threading import Lock, RLock, Thread
from time import monotonic

from pipeline.images.bases.provide import Bases
from pipeline.local.context import StackContext
from pipeline.local.ecs.api import api_hooks as clients
from pipeline.local.ecs.api.moto_ecs import Backend
from pipeline.local.ecs.runner import publish
from pipeline.local.ecs.runner.container_logs import LogGroups
from pipeline.local.ecs.runner.container_secrets import Secrets
from pipeline.local.ecs.runner.docker_engine import Engine, EngineGoneError, Event
from pipeline.local.ecs.runner.service_runner import ServiceRunner
from pipeline.local.ecs.runner.target_groups import Targets
from pipeline.local.ecs.runner.task_containers import Surface

_log = logging.getLogger(__name__)
_RECONNECT = 0.5
_CLOSE_SECONDS = 5.0


class Scheduler:
    """The ECS service scheduler of one stack."""

    def __init__(
        self, context: StackContext, wake: Flag | None = None, pause_image: Callable[[], str] | None = None
    ) -> None:
        """`wake` is set whenever it is worth calling `reconcile` before its next turn."""
        self._context = context
        self._engine = Engine(context.docker, context.stack)
        self._wake = wake or Flag()
        self.lock = RLock()
        self._backend = Backend(context.account, context.region)
        self._runners: dict[str, ServiceRunner] = {}
        self._said: dict[str, str] = {}
        self._connected = Flag()
        self._closed = Flag()
        self._surface = self._make_surface(pause_image or _PauseImage(context))
        self._sweep()
        clients.listen(self)
        Thread(target=self._follow, name="docker-events", daemon=True).start()

    def _make_surface(self, pause_image: Callable[[], str]) -> Surface:
        context = self._context
        return Surface(
            engine=self._engine,
            targets=Targets(context.account, context.region, context.health),
            secrets=Secrets(context.account, context.region),
            logs=LogGroups(context.account, context.region),
            network=context.network,
            pause_image=pause_image,
            name=context.name,
            labels=context.labels,
            changed=self._wake.set,
        )

    def reconcile(self) -> None:
        """Bring what runs closer to what is wanted; returns at once."""
        with self.lock:
            for key in {*self._backend.service_keys(), *self._runners}:
                self._turn(key)
            publish.clusters(self._backend, self._runners.values())

    def _turn(self, key: str) -> None:
        """One service; what cannot be understood of it must not keep the others waiting."""
        try:
            self._sync(key)
            runner = self._runners.get(key)
            if runner is not None:
                runner.step(may_start=self._connected.is_set())
                publish.service(self._backend, runner)
                if runner.idle:
                    del self._runners[key]
            self._said.pop(key, None)
        except Exception as error:  # noqa: BLE001
            if self._said.get(key) != repr(error):
                _log.exception("service %s", key)
                self._said[key] = repr(error)

    def runners(self) -> list[ServiceRunner]:
        """All services, for whoever tells of them."""
        with self.lock:
            return list(self._runners.values())

    def service_changed(self, key: str, *, force: bool) -> None:
        """A client changed a service: show it the new deployment in the very answer."""
        with self.lock:
            self._sync(key, force=force)
            if key in self._runners:
                publish.service(self._backend, self._runners[key])
        self._wake.set()

    def _sync(self, key: str, *, force: bool = False) -> None:
        wanted = self._backend.wanted(key)
        runner = self._runners.get(key)
        if runner is not None:
            runner.sync(wanted, force=force)
        elif wanted.active:
            first = self._backend.first_deployment(key)
            self._runners[key] = ServiceRunner(self._surface, self._backend, wanted, first)

    def close(self) -> None:
        """Leave nothing running; nobody would know of it any more."""
        self._closed.set()
        clients.unlisten(self)
        tasks = [task for runner in self.runners() for task in runner.tasks.values()]
        for task in tasks:
            task.abandon()
        until = monotonic() + _CLOSE_SECONDS
        for task in tasks:
            task.join(until)  # it may be about to make one more container
        self._sweep()

    def _sweep(self) -> None:
        """Remove containers of tasks that nobody knows: an earlier process left them."""
        known = {task for runner in self._runners.values() for task in runner.tasks}
        if self._closed.is_set():
            known = set()
        try:
            for container, task in self._engine.tasks().items():
                if task not in known:
                    self._engine.remove(container)
            self._engine.remove_other_volumes(known)
        except EngineGoneError as error:
            _log.warning("cannot clear old tasks: %s", error)

    def _follow(self) -> None:
        """Pass Docker's events on to their tasks; after a gap let each task look for itself."""
        while not self._closed.is_set():
            try:
                events = self._engine.events()
                self._connected.set()
                self._resync()
                for event in events:
                    self._tell(event)
            except EngineGoneError as error:
                _log.warning("Docker does not answer: %s", error)
            self._connected.clear()
            self._closed.wait(_RECONNECT)

    def _resync(self) -> None:
        with self.lock:
            for runner in self._runners.values():
                for task in runner.tasks.values():
                    task.resync()

    def _tell(self, event: Event) -> None:
        with self.lock:
            for runner in self._runners.values():
                if event.task in runner.tasks:
                    runner.tasks[event.task].tell(event)


class _PauseImage:
    """The image of pause containers; made when the first task needs it."""

    def __init__(self, context: StackContext) -> None:
        self._context = context
        self._lock = Lock()
        self._tag = ""

    def __call__(self) -> str:
        with self._lock:
            if not self._tag:
                made = Bases.ensure(self._context.project, self._context.stack, _log.info, ("busybox",))
                self._tag = made["busybox"]
            return self._tag
