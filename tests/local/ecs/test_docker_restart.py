"""Tasks come back when Docker does."""

import os
import signal

import docker
import pytest

from pipeline.local import dockerd
from pipeline.local.engine_process import is_alive
from tests.support.dockerd import daemon_apart, needs_dockerd
from tests.support.waiting import until

pytestmark = [pytest.mark.docker, needs_dockerd]


@pytest.fixture
def daemon(monkeypatch):
    with daemon_apart(monkeypatch) as made:
        yield made


def _end(daemon, sign):
    pid = dockerd._started_pid(daemon)
    os.kill(pid, sign)
    until(lambda: not is_alive(pid, "dockerd"), 30)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_tasks_are_replaced_after_docker_restarts(daemon, busybox, a_world, tmp_path, sign):
    dockerd.ensure(print, daemon)
    client = docker.DockerClient(base_url=daemon.url, timeout=600)
    client.images.load(b"".join(docker.from_env().images.get(busybox).save(named=busybox)))
    with a_world(client, busybox, tmp_path) as world:
        name = world.serve(world.register(world.container("app", "sleep 600", stopTimeout=1)), count=2)
        world.steady(name)
        before = {task["taskArn"] for task in world.tasks(name)}

        _end(daemon, sign)
        dockerd.ensure(print, daemon)

        def replaced():
            tasks = [task for task in world.tasks(name) if task["lastStatus"] == "RUNNING"]
            return len(tasks) == 2 and not before & {task["taskArn"] for task in tasks}

        until(replaced, 40)
        until(lambda: len(world.on_docker(name)) == 4)  # two pauses, two apps: none of the old
        assert world.service(name)["runningCount"] == 2
        assert world.service(name)["deployments"][0]["failedTasks"] == 0
