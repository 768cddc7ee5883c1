"""A rollout ends in the truth."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto.backends import get_backend

from pipeline.aws.ecs import TaskContainer
from pipeline.core.errors import TandemError
from pipeline.deploy.rollout import End, watch_service
from pipeline.deploy.rollout.reasons import explain
from pipeline.deploy.rollout.watch import phases
from tests.support.aws_access import aws
from tests.support.snapshots import DEPLOYMENT, NEW, SNAPSHOT, TASK


@pytest.mark.usefixtures("cloud")
def test_the_reason_names_container_and_exit_code() -> None:
    static = TaskContainer("static", "STOPPED", "UNKNOWN", 1, "")
    app = TaskContainer("app", "STOPPED", "UNKNOWN", None, "")
    explanation = explain(aws(), replace(SNAPSHOT, tasks=(replace(TASK, containers=(app, static)),)), NEW)
    assert "container static exited with code 1" in explanation


@pytest.mark.usefixtures("cloud")
def test_tasks_that_were_scaled_in_are_no_reason() -> None:
    scaled = replace(TASK, stopped_reason="Scaling activity initiated by (deployment ecs-svc/1)")
    assert explain(aws(), replace(SNAPSHOT, tasks=(scaled,)), NEW) == ""


def test_phases_are_medians_of_the_tasks() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    tasks = [
        replace(
            TASK,
            times={"pullStartedAt": start, "pullStoppedAt": start + timedelta(seconds=seconds)},
            phases={"copy": seconds / 10},
        )
        for seconds in (2, 4)
    ]
    assert phases(tasks) == {"pull": 3.0, "copy": 0.3}


class Service:
    """A service in moto, whose rollout the test plays by hand."""

    def __init__(self) -> None:
        self.ecs = aws().client("ecs")
        self.ecs.create_cluster(clusterName="shop")
        self.old, self.new = (self._register() for _ in range(2))
        self.ecs.create_service(cluster="shop", serviceName="shop", taskDefinition=self.old, desiredCount=2)
        self.ecs.update_service(cluster="shop", service="shop", taskDefinition=self.new)
        backend: Any = get_backend("ecs")["123456789012"]["eu-central-1"]
        self.shown = next(iter(backend.services.values()))
        self.shown.deployments = [self.deployment(self.new, "PRIMARY", "IN_PROGRESS", running=0)]

    def _register(self) -> str:
        logs = {"awslogs-group": "/shop", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "app"}
        container = {
            "name": "app",
            "image": "app",
            "memory": 64,
            "logConfiguration": {"logDriver": "awslogs", "options": logs},
        }
        answer = self.ecs.register_task_definition(family="shop", containerDefinitions=[container])
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def deployment(
        self, arn: str, status: str, state: str, *, running: int, reason: str = ""
    ) -> dict[str, Any]:
        return {
            "id": f"ecs-svc/{arn[-1]}",
            "status": status,
            "taskDefinition": arn,
            "desiredCount": 2,
            "runningCount": running,
            "pendingCount": 2 - running,
            "failedTasks": 0,
            "rolloutState": state,
            "rolloutStateReason": reason,
            "createdAt": datetime.now(UTC),
            "updatedAt": datetime.now(UTC),
        }

    def play(self, scenes: list[Callable[[], None]]) -> Callable[[float], None]:
        remaining: Iterator[Callable[[], None]] = iter(scenes)
        return lambda _: next(remaining)()


@pytest.fixture
def service(cloud: None) -> Service:  # noqa: ARG001 - moto has to be there first
    return Service()


def test_a_good_rollout_succeeds(service: Service) -> None:
    def half() -> None:
        service.shown.deployments = [service.deployment(service.new, "PRIMARY", "IN_PROGRESS", running=1)]

    def done() -> None:
        service.shown.deployments = [service.deployment(service.new, "PRIMARY", "COMPLETED", running=2)]

    result = watch_service(aws(), "shop", "shop", service.new, pause=service.play([half, done]))
    assert (result.end, result.running) == (End.SUCCEEDED, service.new)
    result.require_success()


def test_a_rolled_back_rollout_is_an_error_that_says_why(service: Service) -> None:
    def broken() -> None:
        service.shown.task_definition = service.old
        service.shown.deployments = [
            service.deployment(service.old, "PRIMARY", "IN_PROGRESS", running=1),
            service.deployment(service.new, "ACTIVE", "FAILED", running=0, reason="circuit breaker opened"),
        ]

    def back() -> None:
        service.shown.deployments = [service.deployment(service.old, "PRIMARY", "COMPLETED", running=2)]

    result = watch_service(aws(), "shop", "shop", service.new, pause=service.play([broken, back]))
    assert result.end is End.ROLLED_BACK
    with pytest.raises(TandemError, match="shop:2 was rolled back to shop:1: circuit breaker opened"):
        result.require_success()


def test_what_never_ends_has_failed(service: Service) -> None:
    result = watch_service(aws(), "shop", "shop", service.new, patience=0)
    assert result.end is End.FAILED
    assert "not done after 0 s (new 0/2 running, 2 starting)" in result.reason


def test_a_lost_lock_ends_the_watch(service: Service) -> None:
    def lost() -> None:
        raise TandemError("the lock was taken")

    with pytest.raises(TandemError, match="lock was taken"):
        watch_service(aws(), "shop", "shop", service.new, check=lost)


def test_a_service_that_is_not_there_is_an_error(service: Service) -> None:
    with pytest.raises(TandemError, match="no service nobody"):
        watch_service(aws(), "shop", "nobody", service.new)


def test_the_last_log_lines_are_part_of_the_reason(service: Service) -> None:
    logs = aws().client("logs")
    logs.create_log_group(logGroupName="/shop")
    logs.create_log_stream(logGroupName="/shop", logStreamName=f"app/app/{TASK.id}")
    line = "nginx: [emerg] unknown directive in /etc/nginx/nginx.conf:3"
    stamp = int(datetime.now(UTC).timestamp() * 1000)
    logs.put_log_events(
        logGroupName="/shop",
        logStreamName=f"app/app/{TASK.id}",
        logEvents=[{"timestamp": stamp, "message": line}],
    )
    task = replace(
        TASK, task_definition=service.new, containers=(TaskContainer("app", "STOPPED", "", 1, ""),)
    )
    assert line in explain(aws(), replace(SNAPSHOT, tasks=(task,)), service.new)


@pytest.mark.usefixtures("cloud")
def test_a_stopped_task_that_ecs_has_forgotten_is_still_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    app = TaskContainer("app", "STOPPED", "UNKNOWN", 3, "")
    failed = replace(DEPLOYMENT, state="FAILED", reason="circuit breaker opened")
    snapshots = iter(
        [
            replace(SNAPSHOT, tasks=(replace(TASK, containers=(app,)),)),
            replace(SNAPSHOT, deployments=(failed,)),
        ]
    )
    monkeypatch.setattr("pipeline.deploy.rollout.watch.read_service", lambda *_: next(snapshots))
    result = watch_service(aws(), "shop", "shop", NEW, pause=lambda _: None)
    assert "container app exited with code 3" in result.reason
