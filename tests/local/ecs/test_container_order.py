"""Containers start once their dependencies meet their conditions, and stop in reverse order."""

import pytest

from pipeline.local.ecs.planner.container_order import (
    ContainerLastStatus,
    ContainerProgress,
    HealthStatus,
    all_started,
    next_containers,
    should_restart,
    stop_order,
)
from pipeline.local.ecs.planner.task_definition import TaskDefinition

PENDING, RUNNING = ContainerProgress(), ContainerProgress(ContainerLastStatus.RUNNING)


def _exited(code):
    return ContainerProgress(ContainerLastStatus.STOPPED, code)


def _definition(*containers):
    items = [{"name": name, "image": "i", **more} for name, more in containers]
    return TaskDefinition.read(
        {"taskDefinitionArn": "a", "family": "f", "revision": 1, "containerDefinitions": items}
    )


def _pair(condition, **more):
    wait = {"dependsOn": [{"containerName": "base", "condition": condition}]}
    return _definition(("base", {"essential": False, **more}), ("app", wait))


def test_independent_containers_start_together():
    definition = _definition(("a", {}), ("b", {}))
    assert next_containers(definition, {"a": PENDING, "b": PENDING}, 0).start == ("a", "b")


@pytest.mark.parametrize(
    ("condition", "base", "starts"),
    [
        ("START", PENDING, False),
        ("START", RUNNING, True),
        ("START", _exited(1), True),
        ("COMPLETE", RUNNING, False),
        ("COMPLETE", _exited(1), True),
        ("SUCCESS", RUNNING, False),
        ("SUCCESS", _exited(0), True),
        ("HEALTHY", RUNNING, False),
        ("HEALTHY", ContainerProgress(ContainerLastStatus.RUNNING, health=HealthStatus.UNHEALTHY), False),
        ("HEALTHY", ContainerProgress(ContainerLastStatus.RUNNING, health=HealthStatus.HEALTHY), True),
    ],
)
def test_condition(condition, base, starts):
    upcoming = next_containers(_pair(condition), {"base": base, "app": PENDING}, 0)
    assert ("app" in upcoming.start) is starts
    assert not upcoming.blocked


@pytest.mark.parametrize(
    ("condition", "base", "reason"),
    [
        ("SUCCESS", _exited(1), "container base exited 1, SUCCESS was required"),
        ("HEALTHY", _exited(0), "container base exited 0 before it was HEALTHY"),
    ],
)
def test_a_condition_that_cannot_be_met_any_more_has_a_reason(condition, base, reason):
    upcoming = next_containers(_pair(condition), {"base": base, "app": PENDING}, 0)
    assert upcoming.blocked == (("app", reason),)


def test_start_timeout_ends_the_waiting():
    definition = _pair("SUCCESS", startTimeout=5)
    progress = {"base": ContainerProgress(ContainerLastStatus.RUNNING, started=10.0), "app": PENDING}
    assert not next_containers(definition, progress, 14.0).blocked
    assert next_containers(definition, progress, 16.0).blocked


def test_volumes_from_waits_for_the_source_to_exist():
    definition = _definition(("app", {"volumesFrom": [{"sourceContainer": "data"}]}), ("data", {}))
    assert next_containers(definition, {"app": PENDING, "data": PENDING}, 0).start == ("data",)
    assert next_containers(definition, {"app": PENDING, "data": RUNNING}, 0).start == ("app",)


def test_all_containers_have_started():
    definition = _pair("SUCCESS")
    assert not all_started(definition, {"base": RUNNING, "app": PENDING})
    assert all_started(definition, {"base": _exited(0), "app": RUNNING})


def test_users_stop_before_what_they_use():
    definition = _definition(
        ("data", {}),
        ("app", {"volumesFrom": [{"sourceContainer": "data"}]}),
        ("proxy", {"dependsOn": [{"containerName": "app", "condition": "START"}]}),
        ("other", {}),
    )
    assert stop_order(definition) == (("proxy", "other"), ("app",), ("data",))


@pytest.mark.parametrize(
    ("exit_code", "seconds", "restarts"), [(1, 60, True), (0, 60, True), (1, 59, False), (42, 60, False)]
)
def test_restart_policy(exit_code, seconds, restarts):
    policy = {"enabled": True, "restartAttemptPeriod": 60, "ignoredExitCodes": [42]}
    container = _definition(("app", {"restartPolicy": policy}))["app"]
    assert should_restart(container, exit_code, seconds) is restarts


def test_no_restart_without_a_policy():
    assert not should_restart(_definition(("app", {}))["app"], 1, 1000)
    assert not should_restart(_definition(("app", {"restartPolicy": {"enabled": False}}))["app"], 1, 1000)
