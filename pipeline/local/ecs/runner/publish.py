"""Show clients of the control plane what runs: services, deployments, tasks, counts."""

from collections.abc import Iterable
from typing import Any

from pipeline.local.ecs.api.moto_ecs import Backend
from pipeline.local.ecs.planner.deployments import Deployment
from pipeline.local.ecs.planner.reconcile import StopCode
from pipeline.local.ecs.planner.task_state import Report, Status
from pipeline.local.ecs.runner.describe_task import TaskView
from pipeline.local.ecs.runner.service_runner import ServiceRunner
from pipeline.local.ecs.runner.task_runner import Task

_PENDING = frozenset({Status.PROVISIONING, Status.PENDING})


def service(backend: Backend, runner: ServiceRunner) -> None:
    """Write one service's deployments, counts, events and tasks to where moto answers from."""
    shown = backend.service(runner.wanted.key)
    reports = [task.report for task in runner.tasks.values()]
    shown.running_count, shown.pending_count = running(reports), pending(reports)
    shown.deployments = [
        _deployment(shown, runner, item, [report for report in reports if report.deployment == item.id])
        for item in runner.deployments
    ]
    shown.events = list(runner.journal.events)
    _tasks(backend, runner)


def clusters(backend: Backend, runners: Iterable[ServiceRunner]) -> None:
    """Write how much runs in each cluster."""
    everything = list(runners)
    for cluster in backend.clusters():
        ours = [runner for runner in everything if runner.wanted.cluster == cluster.name]
        reports = [task.report for runner in ours for task in runner.tasks.values()]
        cluster.running_tasks_count, cluster.pending_tasks_count = running(reports), pending(reports)
        cluster.active_services_count = sum(runner.wanted.active for runner in ours)


def running(reports: Iterable[Report]) -> int:
    return sum(report.status is Status.RUNNING and not report.stopping for report in reports)


def pending(reports: Iterable[Report]) -> int:
    return sum(report.status in _PENDING and not report.stopping for report in reports)


def _deployment(shown: Any, runner: ServiceRunner, item: Deployment, reports: list[Report]) -> dict[str, Any]:  # noqa: ANN401
    primary = item is runner.deployments[0]
    live = running(reports) + pending(reports)
    return {
        "id": item.id,
        "status": "PRIMARY" if primary else "ACTIVE",
        "taskDefinition": item.task_definition,
        "desiredCount": runner.wanted.desired if primary else live,
        "runningCount": running(reports),
        "pendingCount": pending(reports),
        "failedTasks": item.failed,
        "createdAt": item.created,
        "updatedAt": item.updated,
        "launchType": shown.launch_type,
        "capacityProviderStrategy": getattr(shown, "capacity_provider_strategy", None),
        "platformVersion": shown.platform_version,
        "platformFamily": "Linux",
        "networkConfiguration": shown.network_configuration or None,
        "rolloutState": item.rollout.value,
        "rolloutStateReason": item.reason,
    }


def _tasks(backend: Backend, runner: ServiceRunner) -> None:
    wanted = runner.wanted
    shown = backend.tasks(wanted.cluster)
    cluster_arn = backend.arn("cluster", wanted.cluster)
    kept = set()
    for report, task in (*((each, None) for each in runner.stopped), *_live(runner)):
        arn = backend.arn("task", wanted.cluster, report.id)
        kept.add(arn)
        before = shown.get(arn)
        shown[arn] = TaskView(arn, cluster_arn, wanted.name, report)
        if task is not None and not report.stopping and before is not None:
            _heed_stop(task, before)
    for arn in [arn for arn, view in shown.items() if view.group == f"service:{wanted.name}"]:
        if arn not in kept:
            del shown[arn]


def _live(runner: ServiceRunner) -> Iterable[tuple[Report, Task | None]]:
    return [(task.report, task) for task in runner.tasks.values()]


def _heed_stop(task: Task, before: TaskView) -> None:
    """A client's StopTask shows in what it was shown."""
    if before.desired_status == "STOPPED":
        task.stop(StopCode.USER, before.stopped_reason or "Task stopped by user")
