"""A new task definition replaces the old one without a gap, and the API shows each step."""

from time import sleep

import pytest

from pipeline.local.target_health import TargetHealthState
from tests.support.waiting import until

pytestmark = pytest.mark.docker

_BREAKER = {
    "deploymentConfiguration": {
        "minimumHealthyPercent": 100,
        "maximumPercent": 200,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
    }
}


def _app(world, script="sleep 100", **more):
    return world.register(world.container("app", script, stopTimeout=1, **more))


def _behind(group):
    return {"loadBalancers": [{"targetGroupArn": group, "containerName": "app", "containerPort": 8080}]}


def _update(world, name, definition):
    return world.ecs.update_service(cluster="c", service=name, taskDefinition=definition)["service"]


def test_update_shows_the_new_deployment_at_once(world):
    """A client that asks right after UpdateService must see the new deployment."""
    first, second = _app(world), _app(world)
    name = world.serve(first)
    world.steady(name)
    primary, old = _update(world, name, second)["deployments"]
    assert (primary["status"], primary["taskDefinition"], primary["rolloutState"]) == (
        "PRIMARY",
        second,
        "IN_PROGRESS",
    )
    assert (old["status"], old["taskDefinition"]) == ("ACTIVE", first)
    world.steady(name)
    assert {task["taskDefinitionArn"] for task in world.tasks(name)} == {second}


def test_same_task_definition_is_no_new_deployment(world):
    name = world.serve(_app(world))
    before = world.steady(name)["deployments"]
    after = _update(world, name, before[0]["taskDefinition"])["deployments"]
    assert [each["id"] for each in before] == [each["id"] for each in after]


def test_forced_deployment_replaces_tasks(world):
    name = world.serve(_app(world))
    world.steady(name)
    (before,) = world.tasks(name)
    world.ecs.update_service(cluster="c", service=name, forceNewDeployment=True)
    world.steady(name)
    (after,) = world.tasks(name)
    assert before["taskArn"] != after["taskArn"]


def test_inactive_task_definition_is_refused(world):
    name = world.serve(_app(world))
    gone = _app(world)
    world.ecs.deregister_task_definition(taskDefinition=gone)
    with pytest.raises(world.ecs.exceptions.ClientException, match="inactive"):
        _update(world, name, gone)


def test_old_tasks_stay_until_new_ones_pass_their_checks(world):
    group = world.target_group()
    name = world.serve(_app(world), count=2, **_behind(group), **_BREAKER)
    until(lambda: len(world.targets(group)) == 2)
    old = world.targets(group)
    world.mark(group, TargetHealthState.HEALTHY)
    world.steady(name)

    _update(world, name, _app(world))
    until(lambda: len(world.targets(group)) == 4)
    assert world.service(name)["runningCount"] == 4
    world.mark(group, TargetHealthState.HEALTHY)
    until(lambda: not set(old) & set(world.targets(group)))
    world.steady(name)
    assert any("has begun draining" in event for event in world.events(name))


def _serving_task(world, group):
    """A service with one healthy task: its name, and the task's container."""
    name = world.serve(_app(world), **_behind(group))
    until(lambda: world.targets(group))
    world.mark(group, TargetHealthState.HEALTHY)
    world.steady(name)
    (task,) = world.tasks(name)
    return name, world.docker_container(task, "app")


def test_stopping_task_leaves_the_target_group_first(world):
    """Its containers keep running for the deregistration delay."""
    group = world.target_group(delay=2)
    name, app = _serving_task(world, group)
    world.ecs.update_service(cluster="c", service=name, desiredCount=0)
    until(lambda: not world.targets(group))
    app.reload()
    assert app.status == "running"
    until(lambda: not world.on_docker(name))


def test_stopping_task_waits_no_longer_than_the_load_balancer_has_requests(world):
    group = world.target_group(delay=300)
    name, app = _serving_task(world, group)
    (target,) = world.targets(group)
    world.ecs.update_service(cluster="c", service=name, desiredCount=0)
    until(lambda: not world.targets(group))
    world.health.set(group, target, TargetHealthState.DRAINING)
    sleep(0.5)
    app.reload()
    assert app.status == "running"
    world.health.forget(group, target)
    until(lambda: not world.on_docker(name))


def test_never_healthy_deployment_is_rolled_back(world):
    group = world.target_group()
    first, second = _app(world), _app(world)
    name = world.serve(first, **_behind(group), **_BREAKER)
    until(lambda: world.targets(group))
    (good,) = world.targets(group)
    world.mark(group, TargetHealthState.HEALTHY)
    world.steady(name)

    _update(world, name, second)

    def rolled_back():
        for target in world.targets(group):
            if target != good:
                world.health.set(group, target, TargetHealthState.UNHEALTHY, "Target.FailedHealthChecks")
        service = world.service(name)
        return service if service["taskDefinition"] == first else None

    service = until(rolled_back)
    assert "rolling back" in service["deployments"][0]["rolloutStateReason"]
    failed = next(each for each in service["deployments"] if each["taskDefinition"] == second)
    assert (failed["rolloutState"], failed["failedTasks"]) == ("FAILED", 3)
    world.steady(name)
    assert good in world.targets(group)
    assert any("failed ELB health checks" in event for event in world.events(name))


def test_grace_period_forgives_failing_checks(world):
    group = world.target_group()
    name = world.serve(_app(world), **_behind(group), healthCheckGracePeriodSeconds=60)
    until(lambda: world.targets(group))
    world.mark(group, TargetHealthState.UNHEALTHY)
    world.never(lambda: world.tasks(name, "STOPPED"))
    world.mark(group, TargetHealthState.HEALTHY)
    world.steady(name)


def test_newer_deployment_supersedes_one_in_progress(world):
    group = world.target_group()
    name = world.serve(_app(world), **_behind(group), **_BREAKER)
    until(lambda: world.targets(group))
    world.mark(group, TargetHealthState.HEALTHY)
    world.steady(name)
    stuck, last = _app(world), _app(world)
    _update(world, name, stuck)
    until(lambda: len(world.targets(group)) == 2)
    _update(world, name, last)
    until(lambda: world.tasks_of(name, last))
    until(lambda: not world.tasks_of(name, stuck))
    until(lambda: [t for t in world.tasks_of(name, last) if t["lastStatus"] == "RUNNING"])
    world.mark(group, TargetHealthState.HEALTHY)
    assert world.steady(name)["taskDefinition"] == last


def test_stopped_by_hand_task_is_replaced(world):
    name = world.serve(_app(world))
    world.steady(name)
    (task,) = world.tasks(name)
    world.ecs.stop_task(cluster="c", task=task["taskArn"], reason="by hand")
    until(lambda: [each for each in world.tasks(name) if each["taskArn"] != task["taskArn"]])
    (stopped,) = until(lambda: world.tasks(name, "STOPPED"))
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "by hand")
