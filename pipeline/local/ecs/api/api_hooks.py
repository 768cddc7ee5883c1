"""Hooks in moto's ECS API: CreateService, UpdateService and RunTask reach the scheduler before the answer."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Protocol

from moto.ecs.exceptions import EcsClientException, InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse

from pipeline.local.ecs.planner.task_overrides import RunTaskError, RunTaskRequest


class ServiceListener(Protocol):
    """The scheduler that runs the services."""

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Held while moto and the scheduler take over a change, so that nobody acts on half of it."""

    def service_changed(self, key: str, *, force: bool) -> None:
        """A client created or updated a service; `force` is its forceNewDeployment."""

    def run_task(self, request: RunTaskRequest) -> list[Any]:
        """Start the tasks of RunTask; RunTaskError if ECS refuses them."""


_listeners: list[ServiceListener] = []
_patched: list[bool] = []


def listen(listener: ServiceListener) -> None:
    """Report each change to `listener`, and to no other one, before the client gets its answer."""
    _listeners[:] = [listener]
    if not _patched:
        _patch(EC2ContainerServiceBackend, EC2ContainerServiceResponse)
        _patched.append(True)


def unlisten(listener: ServiceListener) -> None:
    """Stop the reports to this listener."""
    if listener in _listeners:
        _listeners.remove(listener)


def _notify(key: str, *, force: bool) -> None:
    for listener in _listeners:
        listener.service_changed(key, force=force)


def _patch(backend: Any, response: Any) -> None:  # noqa: ANN401 - moto's classes, which lack the new attributes
    response.create_service = _notifying(response.create_service, "serviceName")
    response.update_service = _notifying(response.update_service, "service")
    backend.run_task = _running(backend.run_task)
    backend.stop_task = _stopping(backend.stop_task)
    backend.list_tasks = _listing(backend.list_tasks)


def _notifying(answer: Callable[..., Any], parameter: str) -> Callable[..., Any]:
    """Let moto change the service, then notify the listener; moto writes the client's answer after that."""

    def answer_and_notify(self: Any) -> Any:  # noqa: ANN401
        params, ecs = self._get_params(), self.ecs_backend
        definition = params.get("taskDefinition")
        if definition and ecs.describe_task_definition(definition).status != "ACTIVE":
            raise EcsClientException("TaskDefinition is inactive")
        with ExitStack() as stack:
            for listener in _listeners:
                stack.enter_context(listener.lock)
            result = answer(self)
            cluster = params.get("cluster", "default").rpartition("/")[2]
            key = f"{cluster}:{params[parameter].rpartition('/')[2]}"
            service = ecs.services[key]
            if service.task_definition:
                service.task_definition = ecs.describe_task_definition(service.task_definition).arn
                _notify(key, force=bool(params.get("forceNewDeployment")))
        return result

    return answer_and_notify


def _running(run: Callable[..., Any]) -> Callable[..., Any]:
    """Let the scheduler run the tasks; without one moto only keeps them."""

    def run_task(  # noqa: PLR0913, PLR0917 - moto's own signature
        self: Any,  # noqa: ANN401
        cluster_str: str,
        task_definition_str: str,
        count: int,
        overrides: dict[str, Any] | None,
        started_by: str,
        tags: list[dict[str, str]] | None,
        launch_type: str | None,
        networking_configuration: dict[str, Any] | None = None,
        group: str | None = None,
        platform_version: str | None = None,
    ) -> list[Any]:
        if not _listeners:
            moto_only = (tags, launch_type, networking_configuration, group, platform_version)
            return list(run(self, cluster_str, task_definition_str, count, overrides, started_by, *moto_only))
        cluster = self._get_cluster(cluster_str)  # raises AWS's error
        definition = self.describe_task_definition(task_definition_str)
        if definition.status != "ACTIVE":
            raise EcsClientException("TaskDefinition is inactive")
        try:
            request = RunTaskRequest.read(
                cluster.name,
                definition.arn,
                count,
                networking_configuration or {},
                overrides or {},
                group=group or "",
                started_by=started_by or "",
            )
            return [task for listener in _listeners for task in listener.run_task(request)]
        except RunTaskError as error:
            raise InvalidParameterException(str(error)) from error

    return run_task


def _stopping(stop: Callable[..., Any]) -> Callable[..., Any]:
    """StopTask asks the scheduler to stop the task: moto shows it as STOPPED while it still runs."""

    def stop_task(self: Any, cluster_str: str, task_str: str, reason: str) -> Any:  # noqa: ANN401
        statuses = {arn: task.last_status for tasks in self.tasks.values() for arn, task in tasks.items()}
        task = stop(self, cluster_str, task_str, reason)
        if _listeners:
            task.last_status = statuses[task.task_arn]
        return task

    return stop_task


def _listing(list_all: Callable[..., Any]) -> Callable[..., Any]:
    def list_tasks(  # noqa: PLR0913, PLR0917 - moto's own signature
        self: Any,  # noqa: ANN401
        cluster_str: str | None = None,
        container_instance: str | None = None,
        family: str | None = None,
        started_by: str | None = None,
        service_name: str | None = None,
        desiredStatus: str | None = None,  # noqa: N803
    ) -> list[Any]:
        status = desiredStatus or "RUNNING"
        tasks = list_all(self, cluster_str, container_instance, family, started_by, None, status)
        group = f"service:{service_name.rpartition('/')[2]}" if service_name else None
        return [task for task in tasks if group in (None, task.group)]

    return list_tasks
