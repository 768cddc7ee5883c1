"""What a service does next follows from its tasks alone."""

from dataclasses import replace

import pytest

from pipeline.local.ecs.planner import deployments as rollout
from pipeline.local.ecs.planner.deployments import Rollout
from pipeline.local.ecs.planner.reconcile import (
    Complete,
    Drop,
    Fail,
    Fit,
    Service,
    Start,
    Stop,
    TaskState,
    decide,
)

OLD, NEW = "old", "new"


def _service(desired=2, ids=(NEW, OLD), **more):
    deployments = ()
    for each in reversed(ids):
        deployments = rollout.begin(deployments, each, f"definition-{each}")
    return Service("web", desired, deployments, **more)


def _tasks(**groups):
    """`old=["fit"]`: so many tasks of that deployment, in these states."""
    return [
        TaskState(f"{deployment}{at}", deployment, Fit(state), float(at), "unfit because")
        for deployment, states in groups.items()
        for at, state in enumerate(states)
    ]


def _stopped(actions):
    return [action.task for action in actions if isinstance(action, Stop)]


def test_new_service_starts_all_tasks():
    assert decide(_service(ids=(NEW,)), [], 0) == (Start(NEW, 2),)


def test_deployment_completes_once_only_its_tasks_are_left():
    service = _service(ids=(NEW,))
    assert decide(service, _tasks(new=["fit", "fit"]), 0) == (Complete(NEW),)
    assert decide(service, _tasks(new=["fit", "fit"], old=["stopping"]), 0) == ()


def test_steady_service_needs_nothing():
    service = _service(ids=(NEW,))
    service = replace(service, deployments=rollout.complete(service.deployments, NEW))
    assert decide(service, _tasks(new=["fit", "fit"]), 0) == ()


def test_old_tasks_stay_while_new_ones_start():
    tasks = _tasks(old=["fit", "fit"], new=["starting", "starting"])
    assert decide(_service(), tasks, 0) == ()


def test_each_fit_new_task_frees_an_old_one():
    tasks = _tasks(old=["fit", "fit"], new=["fit", "starting"])
    assert _stopped(decide(_service(), tasks, 0)) == ["old0"]


def test_maximum_percent_limits_what_starts():
    service = _service(desired=4, maximum_percent=150)
    assert decide(service, _tasks(old=["fit"] * 4), 0) == (Start(NEW, 2),)


def test_minimum_percent_lets_old_tasks_go_first():
    service = _service(desired=2, minimum_percent=50, maximum_percent=100)
    assert _stopped(decide(service, _tasks(old=["fit", "fit"]), 0)) == ["old0"]


def test_stopping_tasks_make_room():
    service = _service(desired=2, maximum_percent=100)
    assert decide(service, _tasks(old=["stopping", "fit"]), 0)[0] == Start(NEW, 1)


def test_superseded_tasks_that_do_not_serve_go_at_once():
    tasks = _tasks(old=["starting", "unfit"], new=["starting", "starting"])
    assert _stopped(decide(_service(), tasks, 0)) == ["old0", "old1"]


def test_replaced_deployment_is_dropped_when_nothing_is_left_of_it():
    actions = decide(_service(), _tasks(new=["fit", "starting"]), 0)
    assert Drop(OLD) in actions


def test_unfit_task_is_replaced_before_it_stops():
    service = _service(ids=(NEW,))
    service = replace(service, deployments=rollout.complete(service.deployments, NEW))
    assert decide(service, _tasks(new=["fit", "unfit"]), 0) == (Start(NEW, 1),)
    tasks = _tasks(new=["fit", "unfit", "fit"])
    assert decide(service, tasks, 0) == (Stop("new1", "unfit because"),)


def test_unfit_task_stops_first_where_there_is_no_room():
    service = _service(ids=(NEW,), maximum_percent=100)
    service = replace(service, deployments=rollout.complete(service.deployments, NEW))
    assert _stopped(decide(service, _tasks(new=["unfit", "unfit"]), 0)) == ["new0"]


def test_scaling_in_stops_what_does_not_serve_then_the_newest():
    service = _service(desired=1, ids=(NEW,))
    tasks = _tasks(new=["fit", "fit", "starting"])
    assert _stopped(decide(service, tasks, 0)) == ["new2", "new1"]


def test_deleted_service_stops_everything():
    service = replace(_service(), active=False)
    assert _stopped(decide(service, _tasks(old=["fit", "stopping"], new=["starting"]), 0)) == [
        "old0",
        "new0",
    ]


def _failed(service, times):
    deployments = service.deployments
    for _ in range(times):
        deployments = rollout.count_failure(deployments, NEW, 0.0)
    return replace(service, deployments=deployments)


def test_failing_tasks_are_retried_until_the_breaker_opens():
    service = _service(breaker=True, rollback=True, last_completed="definition-old")
    assert decide(_failed(service, 2), _tasks(old=["fit", "fit"]), 0) == (Start(NEW, 2),)
    opened = decide(_failed(service, 3), _tasks(old=["fit", "fit"]), 0)
    assert opened == (Fail(NEW, "definition-old"),)


def test_breaker_without_rollback_stays_where_it_is():
    service = _failed(_service(breaker=True, last_completed="definition-old"), 3)
    assert decide(service, [], 0) == (Fail(NEW, None),)


def test_first_deployment_has_nothing_to_go_back_to():
    service = _failed(_service(ids=(NEW,), breaker=True, rollback=True), 3)
    assert decide(service, [], 0) == (Fail(NEW, None),)


def test_failed_deployment_starts_nothing_and_keeps_the_old_tasks():
    service = _service(breaker=True)
    failed = rollout.fail(service.deployments, NEW, None, lambda: "x")
    service = replace(service, deployments=failed)
    assert decide(service, _tasks(old=["fit", "fit"]), 0) == ()


def test_without_breaker_failing_tasks_are_retried_ever_slower():
    service = _failed(_service(), 5)
    assert service.primary.not_before == 2.0
    assert decide(service, _tasks(old=["fit", "fit"]), 1.0) == ()
    assert decide(service, _tasks(old=["fit", "fit"]), 2.0) == (Start(NEW, 2),)


def test_tasks_that_end_early_later_on_wait_too_but_fail_no_deployment():
    service = _service()
    service = replace(service, deployments=rollout.complete(service.deployments, NEW))
    primary = _failed(service, 4).primary
    assert (primary.failed, primary.not_before) == (0, 1.0)
    assert rollout.served((primary,), NEW)[0].not_before == 0.0


def test_rollback_makes_the_listed_deployment_primary_again():
    """Its tasks serve on; nothing is started twice."""
    service = _service()
    first, second = rollout.fail(service.deployments, NEW, "definition-old", lambda: "x")
    assert (first.id, first.rollout) == (OLD, Rollout.IN_PROGRESS)
    assert first.reason == "ECS deployment circuit breaker: rolling back to deploymentId old."
    assert (second.id, second.rollout) == (NEW, Rollout.FAILED)
    actions = decide(replace(service, deployments=(first, second)), _tasks(old=["fit", "fit"]), 0)
    assert actions == (Complete(OLD),)


def test_rollback_begins_anew_where_the_old_deployment_is_gone():
    service = _service(ids=(NEW,))
    first, second = rollout.fail(service.deployments, NEW, "definition-old", lambda: "fresh")
    assert (first.id, first.task_definition) == ("fresh", "definition-old")
    assert second.id == NEW


@pytest.mark.parametrize(("desired", "failures"), [(1, 3), (6, 3), (7, 4), (1000, 200)])
def test_breaker_opens_at_half_of_the_desired(desired, failures):
    assert rollout.threshold(desired) == failures
