"""A service runner passes to the planner what its tasks do, and takes in what the planner decides."""

from datetime import UTC, datetime
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.local.ecs.api.moto_ecs import DesiredService
from pipeline.local.ecs.planner.deployments import RolloutState
from pipeline.local.ecs.planner.service_actions import StopCode
from pipeline.local.ecs.planner.task_definition import TaskDefinition
from pipeline.local.ecs.planner.task_state import TaskLastStatus, TaskState, TaskTimes
from pipeline.local.ecs.runner.service_runner import ServiceRunner

DEFINITION = TaskDefinition.read(
    {
        "taskDefinitionArn": "a",
        "family": "f",
        "revision": 1,
        "containerDefinitions": [{"name": "app", "image": "i"}],
    }
)


def desired(definition: str) -> DesiredService:
    return DesiredService("c", "web", definition, 2, True, 100, 200, True, True, 0.0, (), ())  # noqa: FBT003


def task(name: str, deployment: str, last_status: TaskLastStatus, **more: Any) -> Any:
    times, began = TaskTimes(datetime.now(UTC)), monotonic() - 9
    state = TaskState(name, deployment, DEFINITION, times, began, last_status, running_since=began, **more)
    return SimpleNamespace(state=state, targets=lambda: (), note_healthy=lambda _: None)


def rollout(old_task: TaskLastStatus) -> ServiceRunner:
    """A service whose two new tasks are healthy, after one step; its old task is in this state."""
    backend: Any = SimpleNamespace(definition=lambda _: DEFINITION)
    runner = ServiceRunner(SimpleNamespace(), backend, desired("web:1"), "old")  # type: ignore[arg-type]
    runner.sync(desired("web:2"))
    new = runner.deployments[0].id
    runner.tasks = {
        "new1": task("new1", new, TaskLastStatus.RUNNING),
        "new2": task("new2", new, TaskLastStatus.RUNNING),
        "old": task("old", "old", old_task, stop_code=StopCode.SCHEDULER, stop_reason="Scaling activity"),
    }
    runner.step(may_start=True)
    return runner


@pytest.mark.parametrize("status", [TaskLastStatus.DEACTIVATING, TaskLastStatus.STOPPING])
def test_a_rollout_waits_for_the_containers_of_old_tasks(status: TaskLastStatus) -> None:
    runner = rollout(status)
    assert runner.deployments[0].rollout_state is RolloutState.IN_PROGRESS
    assert len(runner.deployments) == 2


def test_a_rollout_does_not_wait_until_the_volumes_of_old_tasks_are_removed() -> None:
    """That takes seconds for large content, and no request depends on it."""
    runner = rollout(TaskLastStatus.DEPROVISIONING)
    (only,) = runner.deployments
    assert only.rollout_state is RolloutState.COMPLETED
    assert "old" in runner.tasks, "it is watched until it has stopped"
