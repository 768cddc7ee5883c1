"""Run one task of a layout as the local ECS scheduler runs it, but outside of any service."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from docker.errors import DockerException
from requests.exceptions import RequestException

from pipeline.core.errors import TandemError
from pipeline.core.settings import Settings
from pipeline.core.values import ImageRef, Layout
from pipeline.local.ecs.planner.service_actions import StopCode
from pipeline.local.ecs.planner.task_definition import TaskDefinition
from pipeline.local.ecs.planner.task_state import TaskLastStatus, TaskState, TaskTimes
from pipeline.local.ecs.runner.container_logs import LogGroups
from pipeline.local.ecs.runner.container_secrets import ContainerSecrets
from pipeline.local.ecs.runner.docker_engine import DockerEngine
from pipeline.local.ecs.runner.environment_files import EnvironmentFiles
from pipeline.local.ecs.runner.target_groups import TargetGroups
from pipeline.local.ecs.runner.task_containers import TaskClients
from pipeline.local.ecs.runner.task_roles import TaskRoles
from pipeline.local.ecs.runner.task_runner import TaskRunner
from pipeline.local.measurement_context import MeasurementContext
from pipeline.local.waiting import wait_until
from render.model import Logs, RenderInput, render

_ROLE = "arn:aws:iam::123456789012:role/measurement"
_START_SECONDS, _STOP_SECONDS = 300.0, 60.0
_POLL = 0.2
_NANO = 1e-9


@dataclass(frozen=True)
class RunningTask:
    """A task that runs: its address, and the containers whose CPU counts."""

    address: str
    port: int
    containers: tuple[str, ...]
    phases: Mapping[str, float]
    """Seconds of each phase of its start, as the scheduler measures them."""


def task_definition(
    settings: Settings, layout: Layout, images: Mapping[str, ImageRef], name: str
) -> TaskDefinition:
    """The definition that a release of that layout would register, without secrets; logs stay in Docker."""
    task = settings.task
    raw = render(
        RenderInput(
            family=name,
            layout=layout.value,
            images={key: str(image) for key, image in images.items()},
            cpu=task.cpu,
            memory=task.memory,
            architecture=task.architecture,
            port=task.port,
            health_path=task.health_path,
            content_path=task.content_path,
            execution_role_arn=_ROLE,
            task_role_arn=_ROLE,
            logs=Logs(group="measurement", region="local"),
            environment=task.environment,
            read_only=task.read_only,
            tmpfs=task.tmpfs,
        )
    )
    containers = [
        {key: value for key, value in container.items() if key != "logConfiguration"}
        for container in raw["containerDefinitions"]
    ]
    identity: dict[str, Any] = {"taskDefinitionArn": f"arn:{name}", "revision": 1}
    return TaskDefinition.read({**raw, **identity, "containerDefinitions": containers})


@contextmanager
def running_task(
    context: MeasurementContext, definition: TaskDefinition, pause_image: str, port: int
) -> Iterator[RunningTask]:
    """The task, from its start to the removal of its last container.

    Raises:
        TandemError: it does not start.
    """
    state = TaskState(uuid.uuid4().hex, "measurement", definition, TaskTimes(datetime.now(UTC)), monotonic())
    runner = TaskRunner(_clients(context, pause_image), state, definition.family, ())
    runner.begin()
    try:
        _await_running(runner, definition.family)
        yield RunningTask(runner.state.address, port, _containers(runner.state), dict(runner.state.phases))
    finally:
        runner.stop(StopCode.USER, "the measurement ended")
        runner.join(monotonic() + _STOP_SECONDS)


def cpu_seconds(context: MeasurementContext, containers: tuple[str, ...]) -> float:
    """CPU seconds that the containers have used since their start, by their control groups.

    Raises:
        TandemError: Docker has no counter of them.
    """
    api: Any = context.docker.api
    try:
        stats = [api.stats(container, stream=False, one_shot=True) for container in containers]
        return sum(float(each["cpu_stats"]["cpu_usage"]["total_usage"]) for each in stats) * _NANO
    except (DockerException, RequestException, KeyError) as error:
        raise TandemError(f"Docker counts no CPU of a container: {error}", hint="docker stats") from error


def _clients(context: MeasurementContext, pause_image: str) -> TaskClients:
    return TaskClients(
        engine=DockerEngine(context.docker, context.stack),
        targets=TargetGroups(context.account, context.region, context.health),
        secrets=ContainerSecrets(context.account, context.region),
        environment_files=EnvironmentFiles(context.account),
        roles=TaskRoles(context.account, context.region, context.aws_endpoint),
        logs=LogGroups(context.account, context.region),
        network=context.network,
        pause_image=lambda: pause_image,
        name=context.name,
        labels=context.labels,
        changed=lambda: None,
    )


def _await_running(runner: TaskRunner, name: str) -> None:
    def has_ended_or_runs() -> bool:
        # The scheduler follows Docker's events; one task can as well be looked at.
        runner.request_inspection()
        state = runner.state
        return state.stopping or state.last_status is TaskLastStatus.RUNNING

    if not wait_until(has_ended_or_runs, _START_SECONDS, every=_POLL):
        raise TandemError(f"task {name} does not start within {_START_SECONDS:.0f} s", hint="docker ps")
    if runner.state.stopping:
        raise TandemError(f"task {name} does not start: {runner.state.stop_reason}", hint="docker ps -a")


def _containers(state: TaskState) -> tuple[str, ...]:
    """The Docker ids of the containers that still run: a static container has ended by now."""
    essential = {item.name for item in state.definition.containers if item.essential}
    return tuple(each.docker_id for name, each in state.containers.items() if name in essential)
