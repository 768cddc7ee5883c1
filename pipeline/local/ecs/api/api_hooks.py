"""What clients of the control plane's ECS see at once, where moto would answer with its own idea."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Protocol

from moto.ecs.exceptions import EcsClientException
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse


class Listener(Protocol):
    """Whoever runs the services."""

    @property
    def lock(self) -> AbstractContextManager[object]:
        """Held while a client's change is taken in: nobody acts on half of it."""

    def service_changed(self, key: str, *, force: bool) -> None:
        """A client created or updated a service; `force` asks for a new deployment of the same."""


_listeners: list[Listener] = []
_patched: list[bool] = []


def listen(listener: Listener) -> None:
    """Tell `listener`, and no other from now on, of each change before the client gets its answer."""
    _listeners[:] = [listener]
    if not _patched:
        _patch(EC2ContainerServiceBackend, EC2ContainerServiceResponse)
        _patched.append(True)


def unlisten(listener: Listener) -> None:
    if listener in _listeners:
        _listeners.remove(listener)


def _tell(key: str, *, force: bool) -> None:
    for listener in _listeners:
        listener.service_changed(key, force=force)


def _patch(backend: Any, response: Any) -> None:  # noqa: ANN401 - moto's classes, which lack what we add
    response.create_service = _telling(response.create_service, "serviceName")
    response.update_service = _telling(response.update_service, "service")
    backend.list_tasks = _listing(backend.list_tasks)


def _telling(answer: Callable[..., Any], named: str) -> Callable[..., Any]:
    """Let moto do its part, then tell the listener; the client's answer is written after that."""

    def answer_and_tell(self: Any) -> Any:  # noqa: ANN401
        given, ecs = self._get_params(), self.ecs_backend
        definition = given.get("taskDefinition")
        if definition and ecs.describe_task_definition(definition).status != "ACTIVE":
            raise EcsClientException("TaskDefinition is inactive")
        with ExitStack() as stack:
            for listener in _listeners:
                stack.enter_context(listener.lock)
            answered = answer(self)
            cluster = given.get("cluster", "default").rpartition("/")[2]
            key = f"{cluster}:{given[named].rpartition('/')[2]}"
            service = ecs.services[key]
            if service.task_definition:
                service.task_definition = ecs.describe_task_definition(service.task_definition).arn
                _tell(key, force=bool(given.get("forceNewDeployment")))
        return answered

    return answer_and_tell


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
        found = list_all(self, cluster_str, container_instance, family, started_by, None, status)
        group = f"service:{service_name.rpartition('/')[2]}" if service_name else None
        return [task for task in found if group in (None, task.group)]

    return list_tasks
