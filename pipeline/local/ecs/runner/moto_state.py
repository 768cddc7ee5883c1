"""Write services, deployments, tasks and their counts into moto, which answers clients from there."""

from collections.abc import Iterable
from typing import Any

from pipeline.local.ecs.api.moto_ecs import EcsBackend
from pipeline.local.ecs.planner.deployments import PlannedDeployment
from pipeline.local.ecs.planner.service_actions import StopCode
from pipeline.local.ecs.planner.task_state import TaskLastStatus, TaskState
from pipeline.local.ecs.runner.describe_task import DescribedTask
from pipeline.local.ecs.runner.service_runner import ServiceRunner
from pipeline.local.ecs.runner.task_runner import TaskRunner

_PENDING = frozenset({TaskLastStatus.PROVISIONING, TaskLastStatus.PENDING})


def publish_service(backend: EcsBackend, runner: ServiceRunner) -> None:
    """Write one service's deployments, counts, events and tasks into moto."""
    moto_service = backend.service(runner.desired.key)
    states = [task.state for task in runner.tasks.values()]
    moto_service.running_count, moto_service.pending_count = running_count(states), pending_count(states)
    moto_service.deployments = [
        _deployment(moto_service, runner, item, [state for state in states if state.deployment == item.id])
        for item in runner.deployments
    ]
    moto_service.events = list(runner.events.entries)
    _tasks(backend, runner)


def publish_clusters(backend: EcsBackend, runners: Iterable[ServiceRunner]) -> None:
    """Write each cluster's counts of tasks and services into moto."""
    all_runners = list(runners)
    for cluster in backend.clusters():
        in_cluster = [runner for runner in all_runners if runner.desired.cluster == cluster.name]
        states = [task.state for runner in in_cluster for task in runner.tasks.values()]
        cluster.running_tasks_count, cluster.pending_tasks_count = (
            running_count(states),
            pending_count(states),
        )
        cluster.active_services_count = sum(runner.desired.active for runner in in_cluster)


def running_count(states: Iterable[TaskState]) -> int:
    """Number of RUNNING tasks that are not to end."""
    return sum(state.last_status is TaskLastStatus.RUNNING and not state.stopping for state in states)


def pending_count(states: Iterable[TaskState]) -> int:
    """Number of tasks that are not RUNNING yet and not to end."""
    return sum(state.last_status in _PENDING and not state.stopping for state in states)


def _deployment(
    moto_service: Any,  # noqa: ANN401
    runner: ServiceRunner,
    item: PlannedDeployment,
    states: list[TaskState],
) -> dict[str, Any]:
    primary = item is runner.deployments[0]
    live = running_count(states) + pending_count(states)
    return {
        "id": item.id,
        "status": "PRIMARY" if primary else "ACTIVE",
        "taskDefinition": item.task_definition,
        "desiredCount": runner.desired.desired_count if primary else live,
        "runningCount": running_count(states),
        "pendingCount": pending_count(states),
        "failedTasks": item.failed_tasks,
        "createdAt": item.created,
        "updatedAt": item.updated,
        "launchType": moto_service.launch_type,
        "capacityProviderStrategy": getattr(moto_service, "capacity_provider_strategy", None),
        "platformVersion": moto_service.platform_version,
        "platformFamily": "Linux",
        "networkConfiguration": moto_service.network_configuration or None,
        "rolloutState": item.rollout_state.value,
        "rolloutStateReason": item.reason,
    }


def _tasks(backend: EcsBackend, runner: ServiceRunner) -> None:
    service = runner.desired
    descriptions = backend.tasks(service.cluster)
    cluster_arn = backend.arn("cluster", service.cluster)
    current = set()
    for state, task in (*((each, None) for each in runner.stopped), *_live(runner)):
        arn = backend.arn("task", service.cluster, state.id)
        current.add(arn)
        before = descriptions.get(arn)
        descriptions[arn] = DescribedTask(arn, cluster_arn, f"service:{service.name}", state)
        if task is not None and not state.stopping and before is not None:
            apply_stop_task(task, before)
    for arn in [arn for arn, task in descriptions.items() if task.group == f"service:{service.name}"]:
        if arn not in current:
            del descriptions[arn]


def _live(runner: ServiceRunner) -> Iterable[tuple[TaskState, TaskRunner | None]]:
    return [(task.state, task) for task in runner.tasks.values()]


def apply_stop_task(task: TaskRunner, before: DescribedTask) -> None:
    """Stop the task if a client's StopTask has changed what moto describes."""
    if before.desired_status == "STOPPED":
        task.stop(StopCode.USER, before.stopped_reason or "Task stopped by user")
