"""Gather what the stack's process knows into one status value."""

from collections.abc import Iterable
from typing import Any

from moto.backends import get_backend

from pipeline.local.context import ACCOUNT, REGION
from pipeline.local.ecs.planner.task_state import TaskState
from pipeline.local.ecs.runner.publish import pending_count, running_count
from pipeline.local.ecs.runner.scheduler import Scheduler
from pipeline.local.ecs.runner.service_runner import ServiceRunner
from pipeline.local.stack import Stack
from pipeline.local.stack_status import (
    ContainerStatus,
    DeploymentStatus,
    FunctionStatus,
    ServiceStatus,
    StackStatus,
    TaskStatus,
)


def overview(stack: Stack, parts: Iterable[object], *, attached: bool) -> StackStatus:
    """The status of everything, as of now."""
    schedulers = [part for part in parts if isinstance(part, Scheduler)]
    return StackStatus(
        stack=stack.id,
        running=True,
        url=stack.url,
        registry=stack.registry_host,
        docker=attached,
        services=tuple(_service(runner) for scheduler in schedulers for runner in scheduler.runners()),
        functions=tuple(_functions()),
    )


def _service(runner: ServiceRunner) -> ServiceStatus:
    wanted = runner.desired
    reports = [task.state for task in list(runner.tasks.values())]
    return ServiceStatus(
        cluster=wanted.cluster,
        name=wanted.name,
        task_definition=wanted.task_definition,
        desired=wanted.desired_count,
        running=running_count(reports),
        pending=pending_count(reports),
        deployments=tuple(
            DeploymentStatus(
                id=item.id,
                status="ACTIVE" if at else "PRIMARY",
                task_definition=item.task_definition,
                rollout=item.rollout_state.value,
                reason=item.reason,
                failed=item.failed_tasks,
            )
            for at, item in enumerate(runner.deployments)
        ),
        tasks=tuple(_task(report) for report in reports),
        last_event=str(runner.events.entries[0]["message"]) if runner.events.entries else "",
    )


def _task(report: TaskState) -> TaskStatus:
    return TaskStatus(
        id=report.id,
        deployment=report.deployment,
        task_definition=report.definition.arn,
        status=report.last_status.value,
        health=report.health.value,
        address=report.address,
        stop_reason=report.stop_reason,
        phases={name: round(seconds, 3) for name, seconds in report.phases.items()},
        containers=tuple(
            ContainerStatus(
                name=item.name,
                docker_id=item.docker_id,
                digest=item.digest,
                status=item.progress.last_status.value,
                health=item.progress.health.value,
                exit_code=item.progress.exit_code,
                reason=item.reason,
            )
            for item in report.containers.values()
        ),
    )


def _functions() -> Iterable[FunctionStatus]:
    backend: Any = get_backend("lambda")[ACCOUNT][REGION]
    for function in list(backend.list_functions()):
        aliases = backend.list_aliases(function.function_name)
        versions = backend.list_versions_by_function(function.function_name)
        yield FunctionStatus(
            name=function.function_name,
            image=str(function.code.get("ImageUri", "")),
            versions=tuple(str(version.version) for version in versions if str(version.version).isdigit()),
            aliases={alias.name: _shares(alias) for alias in aliases},
        )


def _shares(alias: Any) -> dict[str, float]:  # noqa: ANN401 - a moto object
    more = (alias.routing_config or {}).get("AdditionalVersionWeights", {})
    others = {version: round(weight * 100, 1) for version, weight in more.items()}
    return {str(alias.function_version): round(100 - sum(others.values()), 1), **others}
