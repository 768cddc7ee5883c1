"""Containers start when what they wait for is reached, and stop in reverse."""

import pytest

from pipeline.local.ecs.planner.container_order import (
    Health,
    Seen,
    Stage,
    following,
    restarts,
    settled,
    stop_order,
)
from pipeline.local.ecs.planner.task_definition import Definition

PENDING, RUNNING = Seen(), Seen(Stage.RUNNING)


def _exited(code):
    return Seen(Stage.STOPPED, code)


def _definition(*containers):
    items = [{"name": name, "image": "i", **more} for name, more in containers]
    return Definition.read(
        {"taskDefinitionArn": "a", "family": "f", "revision": 1, "containerDefinitions": items}
    )


def _pair(condition, **more):
    wait = {"dependsOn": [{"containerName": "base", "condition": condition}]}
    return _definition(("base", {"essential": False, **more}), ("app", wait))


def test_independent_containers_start_together():
    definition = _definition(("a", {}), ("b", {}))
    assert following(definition, {"a": PENDING, "b": PENDING}, 0).start == ("a", "b")


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
        ("HEALTHY", Seen(Stage.RUNNING, health=Health.UNHEALTHY), False),
        ("HEALTHY", Seen(Stage.RUNNING, health=Health.HEALTHY), True),
    ],
)
def test_condition(condition, base, starts):
    found = following(_pair(condition), {"base": base, "app": PENDING}, 0)
    assert ("app" in found.start) is starts
    assert not found.never


@pytest.mark.parametrize(
    ("condition", "base", "reason"),
    [
        ("SUCCESS", _exited(1), "container base exited 1, SUCCESS was required"),
        ("HEALTHY", _exited(0), "container base exited 0 before it was HEALTHY"),
    ],
)
def test_what_can_no_longer_be_met_is_said(condition, base, reason):
    found = following(_pair(condition), {"base": base, "app": PENDING}, 0)
    assert found.never == (("app", reason),)


def test_start_timeout_ends_the_waiting():
    definition = _pair("SUCCESS", startTimeout=5)
    seen = {"base": Seen(Stage.RUNNING, started=10.0), "app": PENDING}
    assert not following(definition, seen, 14.0).never
    assert following(definition, seen, 16.0).never


def test_volumes_from_waits_for_the_source_to_exist():
    definition = _definition(("app", {"volumesFrom": [{"sourceContainer": "data"}]}), ("data", {}))
    assert following(definition, {"app": PENDING, "data": PENDING}, 0).start == ("data",)
    assert following(definition, {"app": PENDING, "data": RUNNING}, 0).start == ("app",)


def test_task_is_settled_once_every_container_was_started():
    definition = _pair("SUCCESS")
    assert not settled(definition, {"base": RUNNING, "app": PENDING})
    assert settled(definition, {"base": _exited(0), "app": RUNNING})


def test_users_stop_before_what_they_use():
    definition = _definition(
        ("data", {}),
        ("app", {"volumesFrom": [{"sourceContainer": "data"}]}),
        ("proxy", {"dependsOn": [{"containerName": "app", "condition": "START"}]}),
        ("other", {}),
    )
    assert stop_order(definition) == (("proxy", "other"), ("app",), ("data",))


@pytest.mark.parametrize(
    ("exit_code", "ran", "again"), [(1, 60, True), (0, 60, True), (1, 59, False), (42, 60, False)]
)
def test_restart_policy(exit_code, ran, again):
    policy = {"enabled": True, "restartAttemptPeriod": 60, "ignoredExitCodes": [42]}
    container = _definition(("app", {"restartPolicy": policy}))["app"]
    assert restarts(container, exit_code, ran) is again


def test_no_restart_without_a_policy():
    assert not restarts(_definition(("app", {}))["app"], 1, 1000)
    assert not restarts(_definition(("app", {"restartPolicy": {"enabled": False}}))["app"], 1, 1000)
