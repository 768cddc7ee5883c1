"""Failures show in events, exit codes, reasons and rollout states."""

import pytest

from tests.support.waiting import until

pytestmark = pytest.mark.docker

_BREAKER = {
    "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
}
_NO_SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:none-AbCdEf"


def _logged(group):
    options = {"awslogs-group": group, "awslogs-region": "x", "awslogs-stream-prefix": "p"}
    return {"logConfiguration": {"logDriver": "awslogs", "options": options}}


def _bad(world):
    """Containers that fail, by the cause."""
    check = {"command": ["CMD-SHELL", "false"], "interval": 1, "retries": 1, "timeout": 2}
    later = {**check, "interval": 60}  # or it might count as fit before it has eaten its memory
    eats = "sleep 0.5; tail /dev/zero; sleep 0.5; exit 1"  # containerd watches it from then on
    waits = {"dependsOn": [{"containerName": "static", "condition": "SUCCESS"}]}
    idle = "sleep 100"
    crash = world.container("app", "echo '[emerg] unknown directive' >&2; exit 3", **_logged("/t/crash"))
    return {
        "crash": [crash],
        "unhealthy": [world.container("app", idle, healthCheck=check, stopTimeout=0)],
        "static": [
            world.container("static", "exit 1", essential=False),
            world.container("app", idle, **waits),
        ],
        "image": [{**world.container("app", ""), "image": f"127.0.0.1:1/gone/app@sha256:{'0' * 64}"}],
        "secret": [world.container("app", idle, secrets=[{"name": "X", "valueFrom": _NO_SECRET}])],
        "logs": [world.container("app", idle, **_logged("/none"))],
        "command": [{**world.container("app", ""), "command": ["/no/such/program"]}],
        "memory": [world.container("app", eats, memory=6, healthCheck=later)],
    }


@pytest.fixture(scope="module")
def good(world):
    return world.register(world.container("app", "sleep 100", stopTimeout=1))


@pytest.fixture(scope="module")
def services(world, good):
    """A service for each cause, with a good deployment and a bad one; they all fail at the same time."""
    world.client("logs").create_log_group(logGroupName="/t/crash")
    names = {}
    for what in _bad(world):
        names[what] = world.serve(good, **_BREAKER)
    before = {}
    for name in names.values():
        world.steady(name)
        (before[name],) = [task["taskArn"] for task in world.tasks(name)]
    for what, containers in _bad(world).items():
        world.ecs.update_service(cluster="c", service=names[what], taskDefinition=world.register(*containers))
    return {what: (name, before[name]) for what, name in names.items()}


@pytest.fixture
def rolled_back(world, good, services):
    """Wait until the bad deployment has failed and the good one, untouched, is steady; the service's name."""

    def wait(what):
        name, before = services[what]
        until(lambda: _has_failed(world, name), 40)
        assert world.service(name)["taskDefinition"] == good
        world.steady(name)
        assert [task["taskArn"] for task in world.tasks(name)] == [before]
        return name

    return wait


def _has_failed(world, name):
    return any("deployment failed: tasks failed to start" in event for event in world.events(name))


def _stopped(world, name):
    return until(lambda: world.tasks(name, "STOPPED"))[0]


def test_crash_looping_task_is_rolled_back(world, rolled_back):
    name = rolled_back("crash")
    stopped = _stopped(world, name)
    assert stopped["stopCode"] == "EssentialContainerExited"
    assert stopped["containers"][0]["exitCode"] == 3
    assert any("app exited 3" in event for event in world.events(name))
    stream = f"p/app/{stopped['taskArn'].rpartition('/')[2]}"
    logs = world.client("logs").get_log_events(logGroupName="/t/crash", logStreamName=stream)
    assert [event["message"] for event in logs["events"]] == ["[emerg] unknown directive"]


def test_never_healthy_container_is_rolled_back(world, rolled_back):
    name = rolled_back("unhealthy")
    assert any("failed container health checks" in event for event in world.events(name))


def test_failing_static_container_is_rolled_back(world, rolled_back):
    stopped = _stopped(world, rolled_back("static"))
    assert stopped["stopCode"] == "TaskFailedToStart"
    assert "container static exited 1, SUCCESS was required" in stopped["stoppedReason"]
    app = next(each for each in stopped["containers"] if each["name"] == "app")
    assert "dependency" in app["reason"]


def test_missing_image_is_rolled_back(world, rolled_back):
    name = rolled_back("image")
    assert any("CannotPullContainerError" in event for event in world.events(name))
    assert "CannotPullContainerError" in _stopped(world, name)["stoppedReason"]


def test_missing_secret_stops_the_task_before_it_starts(world, rolled_back):
    reason = _stopped(world, rolled_back("secret"))["stoppedReason"]
    assert "ResourceInitializationError" in reason
    assert _NO_SECRET in reason


def test_missing_log_group_stops_the_task_before_it_starts(world, rolled_back):
    assert "/none" in _stopped(world, rolled_back("logs"))["stoppedReason"]


def test_command_that_does_not_exist_is_named(world, rolled_back):
    reason = _stopped(world, rolled_back("command"))["stoppedReason"]
    assert "CannotStartContainerError" in reason
    assert "/no/such/program" in reason


def test_memory_limit_is_named_as_the_cause(world, rolled_back):
    container = _stopped(world, rolled_back("memory"))["containers"][0]
    assert "OutOfMemoryError" in container["reason"]


def test_first_deployment_that_fails_has_nothing_to_go_back_to(world):
    name = world.serve(world.register(world.container("app", "exit 1")), **_BREAKER)
    service = until(lambda: _has_failed(world, name) and world.service(name))
    assert (service["runningCount"], service["deployments"][0]["rolloutState"]) == (0, "FAILED")
    stopped = len(world.tasks(name, "STOPPED"))
    world.never(lambda: len(world.tasks(name, "STOPPED")) > stopped + 1)


def test_crash_after_steady_state_is_mended(world, good):
    name = world.serve(good)
    world.steady(name)
    (task,) = world.tasks(name)
    world.docker_container(task, "app").kill()
    until(lambda: task["taskArn"] not in {each["taskArn"] for each in world.tasks(name)})
    until(lambda: world.service(name)["runningCount"] == 1)
    assert _stopped(world, name)["containers"][0]["exitCode"] == 137


def test_lost_network_address_ends_the_task(world, good):
    name = world.serve(good)
    world.steady(name)
    (task,) = world.tasks(name)
    pause = next(each for each in world.on_docker(name) if each.endswith("pause"))
    world.context.docker.containers.get(pause).kill()
    until(lambda: [each for each in world.tasks(name) if each["taskArn"] != task["taskArn"]])
    assert "network address" in _stopped(world, name)["stoppedReason"]


def test_service_that_cannot_be_read_keeps_no_other_waiting(world, good):
    waits = {"dependsOn": [{"containerName": "app", "condition": "WHENEVER"}]}
    nonsense = world.register(world.container("app", ""), world.container("b", "", **waits))
    with pytest.raises(world.ecs.exceptions.ClientError):
        world.serve(nonsense)
    world.steady(world.serve(good))
