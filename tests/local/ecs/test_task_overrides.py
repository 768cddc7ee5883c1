"""RunTask's parameters are checked as ECS checks them, and change command and environment only."""

import pytest

from pipeline.local.ecs.planner.task_overrides import RunTaskError, RunTaskRequest, overridden
from tests.local.ecs.test_task_definition import _definition

NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}


def _override(**settings):
    return {"containerOverrides": [{"name": "app", **settings}]}


def _read(count=1, network=NETWORK):
    return RunTaskRequest.read("c", "t:1", count, network, {}, group="", started_by="me")


def test_command_and_environment_are_those_of_the_call():
    definition = _definition(
        {"command": ["serve"], "entryPoint": ["sh"], "environment": [{"name": "A", "value": "1"}]}
    )
    environment = [{"name": "A", "value": "2"}, {"name": "B", "value": "3"}]
    app = overridden(definition, _override(command=["migrate"], environment=environment))["app"]
    assert (app.command, app.entry_point) == (("migrate",), ("sh",))
    assert dict(app.environment) == {"A": "2", "B": "3"}


def test_without_overrides_the_definition_stays():
    definition = _definition({"command": ["serve"]})
    assert overridden(definition, {}) == definition


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"containerOverrides": [{"name": "web"}]}, "container named web is not a container"),
        (_override(memory=64), "does not override memory"),
        ({"taskRoleArn": "arn:aws:iam::123456789012:role/x"}, "does not override taskRoleArn"),
    ],
)
def test_overrides_that_do_not_fit_are_refused(overrides, message):
    with pytest.raises(RunTaskError, match=message):
        overridden(_definition(), overrides)


@pytest.mark.parametrize("count", [0, 11])
def test_more_tasks_than_ecs_runs_at_once_are_refused(count):
    with pytest.raises(RunTaskError, match="between 1 and 10"):
        _read(count)


@pytest.mark.parametrize("network", [{}, {"awsvpcConfiguration": {}}])
def test_a_task_without_a_network_is_refused(network):
    with pytest.raises(RunTaskError, match="Network Configuration must be provided"):
        _read(network=network)
