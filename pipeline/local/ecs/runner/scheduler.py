"""Run all ECS services of the control plane on Docker, and write their state back into moto."""

import logging
from collections.abc import Callable
from threading import Event as Flag
from threading import Lock, RLock, Thread
from time import monotonic

from pipeline.images.bases.provide import Bases
from pipeline.local.context import StackContext
from pipeline.local.ecs.api import api_hooks
from pipeline.local.ecs.api.moto_ecs import EcsBackend
from pipeline.local.ecs.planner.task_overrides import RunTaskRequest
from pipeline.local.ecs.runner import moto_state
from pipeline.local.ecs.runner.container_logs import LogGroups
from pipeline.local.ecs.runner.container_secrets import ContainerSecrets
from pipeline.local.ecs.runner.describe_task import DescribedTask
from pipeline.local.ecs.runner.docker_engine import ContainerEvent, DockerEngine, DockerUnavailableError
from pipeline.local.ecs.runner.environment_files import EnvironmentFiles
from pipeline.local.ecs.runner.one_off_tasks import OneOffTasks
from pipeline.local.ecs.runner.service_runner import ServiceRunner
from pipeline.local.ecs.runner.target_groups import TargetGroups
from pipeline.local.ecs.runner.task_containers import TaskClients
from pipeline.local.ecs.runner.task_roles import TaskRoles
from pipeline.local.ecs.runner.task_runner import TaskRunner

_log = logging.getLogger(__name__)
_RECONNECT = 0.5
_CLOSE_SECONDS = 5.0


class Scheduler:
    """The ECS service scheduler of one stack; `reconcile` and `close` are called by the stack's server."""

    def __init__(
        self, context: StackContext, wake: Flag | None = None, pause_image: Callable[[], str] | None = None
    ) -> None:
        """`wake` is set when something changed, so that `reconcile` should run before its next turn."""
        self._context = context
        self._engine = DockerEngine(context.docker, context.stack)
        self._wake = wake or Flag()
        self.lock = RLock()
        self._backend = EcsBackend(context.account, context.region)
        self._runners: dict[str, ServiceRunner] = {}
        self._logged_errors: dict[str, str] = {}
        self._connected = Flag()
        self._closed = Flag()
        self._clients = self._make_clients(pause_image or _PauseImage(context))
        self._one_off_tasks = OneOffTasks(self._clients, self._backend)
        self._remove_unknown_containers()
        api_hooks.listen(self)
        Thread(target=self._follow_docker_events, name="docker-events", daemon=True).start()

    def _make_clients(self, pause_image: Callable[[], str]) -> TaskClients:
        context = self._context
        return TaskClients(
            engine=self._engine,
            targets=TargetGroups(context.account, context.region, context.health),
            secrets=ContainerSecrets(context.account, context.region),
            environment_files=EnvironmentFiles(context.account),
            roles=TaskRoles(context.account, context.region, context.aws_endpoint),
            logs=LogGroups(context.account, context.region),
            network=context.network,
            pause_image=pause_image,
            name=context.name,
            labels=context.labels,
            changed=self._wake.set,
        )

    def reconcile(self) -> None:
        """Take one step with each service towards its desired state; waits for no container."""
        with self.lock:
            for key in {*self._backend.service_keys(), *self._runners}:
                self._reconcile_service(key)
            self._one_off_tasks.step()
            moto_state.publish_clusters(self._backend, self._runners.values())

    def _reconcile_service(self, key: str) -> None:
        """Take one step with one service; its error is logged and must not stop the other services."""
        try:
            self._sync(key)
            runner = self._runners.get(key)
            if runner is not None:
                runner.step(may_start=self._connected.is_set())
                moto_state.publish_service(self._backend, runner)
                if runner.idle:
                    del self._runners[key]
            self._logged_errors.pop(key, None)
        except Exception as error:  # noqa: BLE001
            if self._logged_errors.get(key) != repr(error):
                _log.exception("service %s", key)
                self._logged_errors[key] = repr(error)

    def runners(self) -> list[ServiceRunner]:
        """The runners of all services."""
        with self.lock:
            return list(self._runners.values())

    def service_changed(self, key: str, *, force: bool) -> None:
        """Publish the new deployment before the client gets its answer."""
        with self.lock:
            self._sync(key, force=force)
            if key in self._runners:
                moto_state.publish_service(self._backend, self._runners[key])
        self._wake.set()

    def run_task(self, request: RunTaskRequest) -> list[DescribedTask]:
        """Start the tasks of one RunTask call.

        Raises:
            RunTaskError: the overrides do not fit the task definition.
        """
        with self.lock:
            return self._one_off_tasks.run(request)

    def _tasks(self) -> dict[str, TaskRunner]:
        """The tasks of all services and of RunTask, by id."""
        with self.lock:
            of_services = [runner.tasks for runner in self._runners.values()]
            return {
                key: task
                for tasks in (*of_services, self._one_off_tasks.runners)
                for key, task in tasks.items()
            }

    def _sync(self, key: str, *, force: bool = False) -> None:
        desired = self._backend.desired_service(key)
        runner = self._runners.get(key)
        if runner is not None:
            runner.sync(desired, force=force)
        elif desired.active:
            first = self._backend.first_deployment(key)
            self._runners[key] = ServiceRunner(self._clients, self._backend, desired, first)

    def close(self) -> None:
        """Remove all task containers: no process would watch them any more."""
        self._closed.set()
        api_hooks.unlisten(self)
        tasks = list(self._tasks().values())
        for task in tasks:
            task.abandon()
        until = monotonic() + _CLOSE_SECONDS
        for task in tasks:
            task.join(until)  # it may still be creating a container
        self._remove_unknown_containers()

    def _remove_unknown_containers(self) -> None:
        """Remove the containers and volumes of tasks without a runner, such as an earlier process left."""
        tasks = set(self._tasks())
        if self._closed.is_set():
            tasks = set()
        try:
            for container, task in self._engine.tasks().items():
                if task not in tasks:
                    self._engine.remove(container)
            self._engine.remove_other_volumes(tasks)
        except DockerUnavailableError as error:
            _log.warning("cannot remove old task containers: %s", error)

    def _follow_docker_events(self) -> None:
        """Pass Docker's events to their tasks; after a gap, let each task inspect its containers."""
        while not self._closed.is_set():
            try:
                events = self._engine.events()
                self._connected.set()
                self._request_inspections()
                for event in events:
                    self._dispatch(event)
            except DockerUnavailableError as error:
                _log.warning("Docker does not answer: %s", error)
            self._connected.clear()
            self._closed.wait(_RECONNECT)

    def _request_inspections(self) -> None:
        for task in self._tasks().values():
            task.request_inspection()

    def _dispatch(self, event: ContainerEvent) -> None:
        task = self._tasks().get(event.task)
        if task is not None:
            task.handle(event)


class _PauseImage:
    """The tag of the pause containers' image; built when the first task needs it."""

    def __init__(self, context: StackContext) -> None:
        self._context = context
        self._lock = Lock()
        self._tag = ""

    def __call__(self) -> str:
        with self._lock:
            if not self._tag:
                tags = Bases.ensure(self._context.project, self._context.stack, _log.info, ("busybox",))
                self._tag = tags["busybox"]
            return self._tag
