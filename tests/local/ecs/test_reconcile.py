"""The planner decides the next actions of a service from its tasks and deployments alone."""

from dataclasses import replace

import pytest

from pipeline.local.ecs.planner import deployments
from pipeline.local.ecs.planner.deployments import RolloutState
from pipeline.local.ecs.planner.service_actions import (
    CompleteDeployment,
    DropDeployment,
    FailDeployment,
    Service,
    ServiceTask,
    StartTasks,
    StopTask,
    TaskHealth,
    decide,
)

OLD, NEW = "old", "new"


def _service(desired_count=2, ids=(NEW, OLD), **more):
    listed = ()
    for each in reversed(ids):
        listed = deployments.begin(listed, each, f"definition-{each}")
    return Service("web", desired_count, listed, **more)


def _tasks(**groups):
    """`old=["healthy"]`: one task of the deployment `old`, in that state."""
    return [
        ServiceTask(f"{deployment}{at}", deployment, TaskHealth(state), float(at), "it failed its checks")
        for deployment, states in groups.items()
        for at, state in enumerate(states)
    ]


def _stopped(actions):
    return [action.task for action in actions if isinstance(action, StopTask)]


def test_new_service_starts_all_tasks():
    assert decide(_service(ids=(NEW,)), [], 0) == (StartTasks(NEW, 2),)


def test_deployment_completes_once_only_its_tasks_are_left():
    service = _service(ids=(NEW,))
    assert decide(service, _tasks(new=["healthy", "healthy"]), 0) == (CompleteDeployment(NEW),)
    assert decide(service, _tasks(new=["healthy", "healthy"], old=["stopping"]), 0) == ()


def test_steady_service_needs_nothing():
    service = _service(ids=(NEW,))
    service = replace(service, deployments=deployments.complete(service.deployments, NEW))
    assert decide(service, _tasks(new=["healthy", "healthy"]), 0) == ()


def test_old_tasks_stay_while_new_ones_start():
    tasks = _tasks(old=["healthy", "healthy"], new=["starting", "starting"])
    assert decide(_service(), tasks, 0) == ()


def test_each_healthy_new_task_lets_an_old_one_stop():
    tasks = _tasks(old=["healthy", "healthy"], new=["healthy", "starting"])
    assert _stopped(decide(_service(), tasks, 0)) == ["old0"]


def test_maximum_percent_limits_what_starts():
    service = _service(desired_count=4, maximum_percent=150)
    assert decide(service, _tasks(old=["healthy"] * 4), 0) == (StartTasks(NEW, 2),)


def test_minimum_percent_lets_old_tasks_go_first():
    service = _service(desired_count=2, minimum_percent=50, maximum_percent=100)
    assert _stopped(decide(service, _tasks(old=["healthy", "healthy"]), 0)) == ["old0"]


def test_stopping_tasks_make_room():
    service = _service(desired_count=2, maximum_percent=100)
    assert decide(service, _tasks(old=["stopping", "healthy"]), 0)[0] == StartTasks(NEW, 1)


def test_replaced_tasks_that_are_not_healthy_stop_at_once():
    tasks = _tasks(old=["starting", "unhealthy"], new=["starting", "starting"])
    assert _stopped(decide(_service(), tasks, 0)) == ["old0", "old1"]


def test_replaced_deployment_is_dropped_when_nothing_is_left_of_it():
    actions = decide(_service(), _tasks(new=["healthy", "starting"]), 0)
    assert DropDeployment(OLD) in actions


def test_unhealthy_task_is_replaced_before_it_stops():
    service = _service(ids=(NEW,))
    service = replace(service, deployments=deployments.complete(service.deployments, NEW))
    assert decide(service, _tasks(new=["healthy", "unhealthy"]), 0) == (StartTasks(NEW, 1),)
    tasks = _tasks(new=["healthy", "unhealthy", "healthy"])
    assert decide(service, tasks, 0) == (StopTask("new1", "it failed its checks"),)


def test_unhealthy_task_stops_first_where_there_is_no_room():
    service = _service(ids=(NEW,), maximum_percent=100)
    service = replace(service, deployments=deployments.complete(service.deployments, NEW))
    assert _stopped(decide(service, _tasks(new=["unhealthy", "unhealthy"]), 0)) == ["new0"]


def test_scaling_in_stops_tasks_that_are_not_healthy_then_the_newest():
    service = _service(desired_count=1, ids=(NEW,))
    tasks = _tasks(new=["healthy", "healthy", "starting"])
    assert _stopped(decide(service, tasks, 0)) == ["new2", "new1"]


def test_deleted_service_stops_everything():
    service = replace(_service(), active=False)
    assert _stopped(decide(service, _tasks(old=["healthy", "stopping"], new=["starting"]), 0)) == [
        "old0",
        "new0",
    ]


def _failed(service, times):
    listed = service.deployments
    for _ in range(times):
        listed = deployments.count_failure(listed, NEW, 0.0)
    return replace(service, deployments=listed)


def test_failing_tasks_are_retried_until_the_breaker_opens():
    service = _service(circuit_breaker=True, rollback=True, last_completed="definition-old")
    assert decide(_failed(service, 2), _tasks(old=["healthy", "healthy"]), 0) == (StartTasks(NEW, 2),)
    opened = decide(_failed(service, 3), _tasks(old=["healthy", "healthy"]), 0)
    assert opened == (FailDeployment(NEW, "definition-old"),)


def test_breaker_without_rollback_stays_where_it_is():
    service = _failed(_service(circuit_breaker=True, last_completed="definition-old"), 3)
    assert decide(service, [], 0) == (FailDeployment(NEW, None),)


def test_first_deployment_has_no_rollback_target():
    service = _failed(_service(ids=(NEW,), circuit_breaker=True, rollback=True), 3)
    assert decide(service, [], 0) == (FailDeployment(NEW, None),)


def test_failed_deployment_starts_nothing_and_keeps_the_old_tasks():
    service = _service(circuit_breaker=True)
    failed = deployments.fail(service.deployments, NEW, None, lambda: "x")
    service = replace(service, deployments=failed)
    assert decide(service, _tasks(old=["healthy", "healthy"]), 0) == ()


def test_without_breaker_failing_tasks_are_retried_ever_slower():
    service = _failed(_service(), 5)
    assert service.primary.retry_at == 2.0
    assert decide(service, _tasks(old=["healthy", "healthy"]), 1.0) == ()
    assert decide(service, _tasks(old=["healthy", "healthy"]), 2.0) == (StartTasks(NEW, 2),)


def test_tasks_that_end_early_later_on_wait_too_but_fail_no_deployment():
    service = _service()
    service = replace(service, deployments=deployments.complete(service.deployments, NEW))
    primary = _failed(service, 4).primary
    assert (primary.failed_tasks, primary.retry_at) == (0, 1.0)
    assert deployments.reset_backoff((primary,), NEW)[0].retry_at == 0.0


def test_rollback_makes_the_listed_deployment_primary_again():
    """Its tasks keep serving; no task starts twice."""
    service = _service()
    first, second = deployments.fail(service.deployments, NEW, "definition-old", lambda: "x")
    assert (first.id, first.rollout_state) == (OLD, RolloutState.IN_PROGRESS)
    assert first.reason == "ECS deployment circuit breaker: rolling back to deploymentId old."
    assert (second.id, second.rollout_state) == (NEW, RolloutState.FAILED)
    actions = decide(replace(service, deployments=(first, second)), _tasks(old=["healthy", "healthy"]), 0)
    assert actions == (CompleteDeployment(OLD),)


def test_rollback_begins_a_deployment_where_the_old_one_is_gone():
    service = _service(ids=(NEW,))
    first, second = deployments.fail(service.deployments, NEW, "definition-old", lambda: "fresh")
    assert (first.id, first.task_definition) == ("fresh", "definition-old")
    assert second.id == NEW


@pytest.mark.parametrize(("desired_count", "failures"), [(1, 3), (6, 3), (7, 4), (1000, 200)])
def test_breaker_opens_at_half_of_the_desired_count(desired_count, failures):
    assert deployments.failure_threshold(desired_count) == failures
