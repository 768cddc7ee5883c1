"""A task is healthy once its containers and its targets pass their checks."""

from datetime import UTC, datetime

import pytest

from pipeline.local.ecs.planner.container_order import ContainerLastStatus, ContainerProgress, HealthStatus
from pipeline.local.ecs.planner.service_actions import StopCode, TaskHealth
from pipeline.local.ecs.planner.task_definition import TaskDefinition
from pipeline.local.ecs.planner.task_health import task_health
from pipeline.local.ecs.planner.task_state import ContainerState, TaskLastStatus, TaskState, TaskTimes
from pipeline.local.target_health import TargetHealthState, TargetState


def _task(health=None, last_status=TaskLastStatus.RUNNING, **more):
    check = {"healthCheck": {"command": ["CMD", "true"]}} if health else {}
    definition = TaskDefinition.read(
        {
            "taskDefinitionArn": "a",
            "family": "f",
            "revision": 1,
            "containerDefinitions": [{"name": "app", "image": "i", **check}],
        }
    )
    progress = ContainerProgress(ContainerLastStatus.RUNNING, health=health or HealthStatus.UNKNOWN)
    return TaskState(
        "id", "d", definition, TaskTimes(datetime.now(UTC)), 0.0, last_status,
        containers={"app": ContainerState("app", "i", progress)}, **more,
    )  # fmt: skip


def _health(task, *states, running=60.0, grace=0.0):
    targets = [("arn", TargetState(state, "Target.FailedHealthChecks")) for state in states]
    return task_health(task, targets, running=running, grace=grace)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (TargetHealthState.INITIAL, TaskHealth.STARTING),
        (TargetHealthState.HEALTHY, TaskHealth.HEALTHY),
        (TargetHealthState.UNUSED, TaskHealth.HEALTHY),
        (TargetHealthState.UNAVAILABLE, TaskHealth.HEALTHY),
        (TargetHealthState.DRAINING, TaskHealth.STARTING),
        (TargetHealthState.UNHEALTHY, TaskHealth.UNHEALTHY),
    ],
)
def test_target_state_decides(state, expected):
    assert _health(_task(), state)[0] is expected


def test_reason_names_target_group_and_cause():
    assert _health(_task(), TargetHealthState.UNHEALTHY)[1] == (
        "Task failed ELB health checks in (target-group arn) due to (Target.FailedHealthChecks)"
    )


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        (HealthStatus.UNKNOWN, TaskHealth.STARTING),
        (HealthStatus.HEALTHY, TaskHealth.HEALTHY),
        (HealthStatus.UNHEALTHY, TaskHealth.UNHEALTHY),
    ],
)
def test_container_health_decides(health, expected):
    assert _health(_task(health))[0] is expected


def test_all_checks_must_pass():
    states = TargetHealthState.HEALTHY, TargetHealthState.INITIAL
    assert _health(_task(HealthStatus.HEALTHY), *states)[0] is TaskHealth.STARTING


def test_failed_checks_do_not_count_in_the_grace_period():
    assert _health(_task(), TargetHealthState.UNHEALTHY, running=5, grace=10)[0] is TaskHealth.STARTING
    assert _health(_task(HealthStatus.UNHEALTHY), running=5, grace=10)[0] is TaskHealth.STARTING
    assert _health(_task(), TargetHealthState.HEALTHY, running=5, grace=10)[0] is TaskHealth.HEALTHY


def test_unchecked_task_must_run_for_a_moment():
    assert _health(_task(), running=0.1)[0] is TaskHealth.STARTING
    assert _health(_task(), running=2)[0] is TaskHealth.HEALTHY


def test_starting_or_stopping_task_is_not_healthy():
    assert (
        _health(_task(last_status=TaskLastStatus.PENDING), TargetHealthState.HEALTHY)[0]
        is TaskHealth.STARTING
    )
    assert _health(_task(stop_code=StopCode.USER), TargetHealthState.HEALTHY)[0] is TaskHealth.STOPPING
