"""A task serves once its containers and its targets pass their checks."""

from datetime import UTC, datetime

import pytest

from pipeline.local.ecs.planner.container_order import Health, Seen, Stage
from pipeline.local.ecs.planner.reconcile import Fit, StopCode
from pipeline.local.ecs.planner.task_definition import Definition
from pipeline.local.ecs.planner.task_health import fitness
from pipeline.local.ecs.planner.task_state import ContainerReport, Report, Status, Times
from pipeline.local.target_health import State, TargetState


def _report(health=None, status=Status.RUNNING, **more):
    check = {"healthCheck": {"command": ["CMD", "true"]}} if health else {}
    definition = Definition.read(
        {
            "taskDefinitionArn": "a",
            "family": "f",
            "revision": 1,
            "containerDefinitions": [{"name": "app", "image": "i", **check}],
        }
    )
    seen = Seen(Stage.RUNNING, health=health or Health.UNKNOWN)
    return Report(
        "id", "d", definition, Times(datetime.now(UTC)), 0.0, status,
        containers={"app": ContainerReport("app", "i", seen)}, **more,
    )  # fmt: skip


def _fit(report, *states, running=60.0, grace=0.0):
    targets = [("arn", TargetState(state, "Target.FailedHealthChecks")) for state in states]
    return fitness(report, targets, running=running, grace=grace)


@pytest.mark.parametrize(
    ("state", "fit"),
    [
        (State.INITIAL, Fit.STARTING),
        (State.HEALTHY, Fit.FIT),
        (State.UNUSED, Fit.FIT),
        (State.UNAVAILABLE, Fit.FIT),
        (State.DRAINING, Fit.STARTING),
        (State.UNHEALTHY, Fit.UNFIT),
    ],
)
def test_target_state_decides(state, fit):
    assert _fit(_report(), state)[0] is fit


def test_reason_names_target_group_and_cause():
    assert _fit(_report(), State.UNHEALTHY)[1] == (
        "Task failed ELB health checks in (target-group arn) due to (Target.FailedHealthChecks)"
    )


@pytest.mark.parametrize(
    ("health", "fit"),
    [(Health.UNKNOWN, Fit.STARTING), (Health.HEALTHY, Fit.FIT), (Health.UNHEALTHY, Fit.UNFIT)],
)
def test_container_health_decides(health, fit):
    assert _fit(_report(health))[0] is fit


def test_all_checks_must_pass():
    assert _fit(_report(Health.HEALTHY), State.HEALTHY, State.INITIAL)[0] is Fit.STARTING


def test_failed_checks_are_forgiven_in_grace():
    assert _fit(_report(), State.UNHEALTHY, running=5, grace=10)[0] is Fit.STARTING
    assert _fit(_report(Health.UNHEALTHY), running=5, grace=10)[0] is Fit.STARTING
    assert _fit(_report(), State.HEALTHY, running=5, grace=10)[0] is Fit.FIT


def test_unchecked_task_must_live_for_a_moment():
    assert _fit(_report(), running=0.1)[0] is Fit.STARTING
    assert _fit(_report(), running=2)[0] is Fit.FIT


def test_task_that_has_not_started_or_ends_does_not_serve():
    assert _fit(_report(status=Status.PENDING), State.HEALTHY)[0] is Fit.STARTING
    assert _fit(_report(stop_code=StopCode.USER), State.HEALTHY)[0] is Fit.STOPPING
