"""The calls of a measured service, against a real control plane; Docker is away, so no task starts."""

from dataclasses import dataclass, field
from threading import Timer
from types import SimpleNamespace

import pytest

from pipeline.aws.access import Aws
from pipeline.compare.start.service import CLUSTER, LOG_GROUP, MeasuredService, make_edge, times_of
from pipeline.core.errors import TandemError
from pipeline.local.moto import start_control_plane
from render.model import Logs, RenderInput
from tests.support.ports import free_port

pytestmark = pytest.mark.slow  # moto takes a second to import


@dataclass
class Stack:
    """Tells the tasks that a scheduler would run."""

    environ: dict
    port: int
    running: list = field(default_factory=list)
    ended: list = field(default_factory=list)
    healthy: int = 0

    def tasks(self, _service):
        return self.running

    def stopped(self, _service):
        return self.ended

    def healthy_targets(self, _group):
        return self.healthy


@pytest.fixture(scope="module")
def edge():
    control_plane = start_control_plane()
    try:
        yield make_edge(Stack(control_plane.environ(), free_port()), 8080, "/healthz")
    finally:
        control_plane.stop()


@pytest.fixture
def service(edge):
    task = RenderInput(
        family="start",
        layout="sidecar",
        images={
            "app": "127.0.0.1:1/app@sha256:" + "1" * 64,
            "static": "127.0.0.1:1/static@sha256:" + "2" * 64,
        },
        cpu=256,
        memory=512,
        architecture="X86_64",
        port=8080,
        health_path="/healthz",
        content_path="/srv/static",
        execution_role_arn="arn:aws:iam::123456789012:role/start",
        task_role_arn="arn:aws:iam::123456789012:role/start",
        logs=Logs(group=LOG_GROUP, region="eu-central-1"),
    )
    edge.stack.running, edge.stack.ended, edge.stack.healthy = [], [], 0
    measured_service = MeasuredService(edge, "s-1", task)
    yield measured_service
    measured_service.stop()


def described(edge):
    ecs = Aws.from_environ(edge.stack.environ).client("ecs")
    return ecs.describe_services(cluster=CLUSTER, services=["s-1"])["services"][0]


@pytest.mark.usefixtures("service")
def test_a_service_begins_without_tasks_behind_the_load_balancer(edge):
    description = described(edge)
    assert description["desiredCount"] == 0
    assert description["loadBalancers"][0]["targetGroupArn"] == edge.group
    assert description["taskDefinition"].rpartition("/")[2].startswith("start:")


def test_the_wanted_count_is_asked_for(edge, service):
    began = service.want(4)
    assert described(edge)["desiredCount"] == 4
    assert began > 0


def test_a_task_that_ends_is_an_error_with_its_reason(edge, service):
    earlier_task = SimpleNamespace(stop_reason="EssentialContainerExited: of the start before")
    edge.stack.ended = [earlier_task]
    with pytest.raises(TandemError, match="no task of s-1 answers after 0 s"):
        service.served(0.05)
    Timer(
        0.05, edge.stack.ended.append, [SimpleNamespace(stop_reason="CannotPullContainerError: none")]
    ).start()
    with pytest.raises(TandemError, match="a task of s-1 ended: CannotPullContainerError: none"):
        service.served(20)


def test_what_serves_too_late_is_an_error_with_the_seconds(service):
    with pytest.raises(TandemError, match=r"no task of s-1 answers after 0 s"):
        service.served(0.05)
    with pytest.raises(TandemError, match=r"only 0 of 4 tasks of s-1 serve after 0 s"):
        service.scaled(4, 0.05)


def test_so_many_healthy_targets_are_enough(edge, service):
    edge.stack.healthy = 4
    assert service.scaled(4, 1) > 0


def test_tasks_are_told_oldest_first_with_their_phases(edge, service):
    young, old = (
        SimpleNamespace(began=at, running_since=at + 3, phases={"copy": 1.0, "start": 2.0}) for at in (9, 5)
    )
    edge.stack.running = [young, old]
    assert [task.began for task in service.tasks()] == [5, 9]
    times = times_of(old)
    assert (times.began, times.running, times.copy, times.start) == (5, 8, 1.0, 2.0)
    edge.stack.running = []
