"""What ends is removed, and what is restarted stays in its task."""

import pytest

from tests.support.containers import output_within
from tests.support.waiting import until

pytestmark = pytest.mark.docker


def test_scaling_in_removes_containers_and_volumes(world):
    definition = world.register(
        world.container(
            "app", "sleep 100", stopTimeout=0, mountPoints=[{"sourceVolume": "v", "containerPath": "/v"}]
        ),
        volumes=[{"name": "v"}],
    )
    name = world.serve(definition, count=2)
    world.steady(name)
    world.ecs.update_service(cluster="c", service=name, desiredCount=0)
    until(lambda: not world.on_docker(name))
    assert world.service(name)["runningCount"] == 0
    stopped = until(lambda: world.tasks(name, "STOPPED"))
    assert {task["stopCode"] for task in stopped} == {"ServiceSchedulerInitiated"}


def test_deleted_service_leaves_nothing(world):
    name = world.serve(world.register(world.container("app", "sleep 100", stopTimeout=0)))
    world.steady(name)
    world.ecs.delete_service(cluster="c", service=name, force=True)
    until(lambda: not world.on_docker(name))


def test_restart_policy_restarts_the_container_in_its_task(world):
    policy = {"enabled": True, "restartAttemptPeriod": 1}
    script = "test -e /tmp/again && exec sleep 100; touch /tmp/again; sleep 1.5; exit 1"
    name = world.serve(world.register(world.container("app", script, restartPolicy=policy)))
    (task,) = until(lambda: [each for each in world.tasks(name) if each["lastStatus"] == "RUNNING"])
    app = world.docker_container(task, "app")
    assert b"sleep 100" in until(lambda: b"sleep 100" in _processes(app) and _processes(app))
    assert [each["taskArn"] for each in world.tasks(name)] == [task["taskArn"]]


def _processes(container):
    container.reload()
    return output_within(container, "ps") if container.status == "running" else b""
