"""A task definition runs exactly as registered."""

import json

import pytest

from tests.support.containers import output_within
from tests.support.waiting import until

pytestmark = pytest.mark.docker


def _volume_image(world, owner="100:100", mode="750", path="/data"):
    """An image whose VOLUME holds a file, as the static image does."""
    dockerfile = (
        f"FROM {world.busybox}\n"
        f"RUN mkdir -p {path} && echo content > {path}/file && chown {owner} {path} && chmod {mode} {path}\n"
        f'VOLUME {path}\nCMD ["true"]\n'
    )
    return world.build(dockerfile)


def test_service_reaches_a_steady_state(world):
    name = world.serve(world.register(world.container("app", "sleep 100")), count=2)
    service = world.steady(name)
    assert (service["runningCount"], service["pendingCount"]) == (2, 0)
    assert f"(service {name}) has reached a steady state." in world.events(name)
    assert world.ecs.describe_clusters(clusters=["c"])["clusters"][0]["runningTasksCount"] >= 2


def test_tmpfs_is_memory_in_place_of_the_images_volume(world):
    """A tmpfs has the mode of the image's folder, and belongs to root unless its options name somebody."""
    options = ["noexec", "nosuid", "nodev", "uid=1000", "gid=1000"]
    mount = {"containerPath": "/tmp", "size": 8, "mountOptions": options}  # noqa: S108 - a container's
    definition = world.register(
        world.container(
            "app",
            "sleep 100",
            image=_volume_image(world, path="/tmp"),  # noqa: S108
            user="1000:1000",
            readonlyRootFilesystem=True,
            linuxParameters={"tmpfs": [mount]},
        )
    )
    name = world.serve(definition)
    world.steady(name)
    app = world.docker_container(world.tasks(name)[0], "app")
    device, _, kind, mount_options = output_within(app, "grep", " /tmp ", "/proc/mounts").decode().split()[:4]
    assert (device, kind) == ("tmpfs", "tmpfs")
    assert {"noexec", "nosuid", "nodev", "size=8192k"} <= set(mount_options.split(","))
    assert output_within(app, "sh", "-c", "touch /tmp/a && ls /tmp").decode().strip() == "a"


def test_container_runs_as_defined(world):
    definition = world.register(
        world.container(
            "app",
            "sleep 100",
            user="1000:1000",
            environment=[{"name": "COLOUR", "value": "blue"}],
            workingDirectory="/usr/bin",
            readonlyRootFilesystem=True,
            linuxParameters={"capabilities": {"drop": ["ALL"]}, "initProcessEnabled": True},
            ulimits=[{"name": "nofile", "softLimit": 1234, "hardLimit": 2345}],
            memory=64,
            cpu=128,
            stopTimeout=2,
            dockerLabels={"team": "web"},
        )
    )
    name = world.serve(definition)
    world.steady(name)
    app = world.docker_container(world.tasks(name)[0], "app")

    def run(command):
        return output_within(app, "sh", "-c", command).decode().strip()

    assert run("id -u") == "1000"
    assert run("echo $COLOUR $PWD") == "blue /usr/bin"
    assert "Read-only" in run("touch /x")
    limits = run("grep 'open files' /proc/1/limits").split()
    assert limits[3:5] == ["1234", "2345"]
    assert run("grep -E 'CapEff|CapBnd' /proc/self/status | cut -f2 | sort -u") == "0000000000000000"
    assert run("grep NoNewPrivs /proc/self/status | cut -f2") == "1"
    host = app.attrs["HostConfig"]
    assert (host["Memory"], host["NanoCpus"], host["CpuShares"]) == (64 << 20, 250_000_000, 128)
    assert app.labels["team"] == "web"


def test_containers_of_a_task_share_one_address(world):
    definition = world.register(
        world.container("web", "echo hello > /tmp/index.html; httpd -f -p 8080 -h /tmp"),
        world.container("client", "sleep 100"),
    )
    name = world.serve(definition)
    world.steady(name)
    (task,) = world.tasks(name)
    client = world.docker_container(task, "client")
    assert output_within(client, "wget", "-qO-", "http://127.0.0.1:8080/") == b"hello\n"
    assert {each["networkInterfaces"][0]["privateIpv4Address"] for each in task["containers"]}


def test_data_container_hands_its_content_to_the_app(world):
    """The split image's pattern: VOLUME copy-up, volumesFrom read-only, dependsOn SUCCESS, not essential."""
    image = _volume_image(world)
    definition = world.register(
        {
            "name": "static",
            "image": image,
            "essential": False,
            "mountPoints": [{"sourceVolume": "content", "containerPath": "/data"}],
        },
        world.container(
            "app",
            "sleep 100",
            user="100:100",
            dependsOn=[{"containerName": "static", "condition": "SUCCESS"}],
            volumesFrom=[{"sourceContainer": "static", "readOnly": True}],
        ),
        volumes=[{"name": "content"}],
    )
    name = world.serve(definition)
    world.steady(name)
    (task,) = world.tasks(name)
    shown = {each["name"]: each for each in task["containers"]}
    assert (shown["static"]["lastStatus"], shown["static"]["exitCode"]) == ("STOPPED", 0)
    assert shown["app"]["lastStatus"] == "RUNNING"
    app = world.docker_container(task, "app")
    assert output_within(app, "cat", "/data/file") == b"content\n"
    assert output_within(app, "stat", "-c", "%u %a", "/data") == b"100 750\n"
    assert b"Read-only" in output_within(app, "touch", "/data/x")


def test_volume_elsewhere_than_the_images_volume_is_empty(world):
    """ECS copies only if the mounted path is a VOLUME of the image."""
    definition = world.register(
        world.container(
            "app", "sleep 100", mountPoints=[{"sourceVolume": "scratch", "containerPath": "/bin/extra"}]
        ),
        world.container("etc", "sleep 100", mountPoints=[{"sourceVolume": "other", "containerPath": "/etc"}]),
        volumes=[{"name": "scratch"}, {"name": "other"}],
    )
    name = world.serve(definition)
    world.steady(name)
    other = world.docker_container(world.tasks(name)[0], "etc")
    assert output_within(other, "stat", "-c", "%u %a", "/etc") == b"0 755\n"
    names = output_within(other, "sh", "-c", "ls /etc; echo end").split()
    assert names[-1] == b"end"
    assert b"passwd" not in names


def test_secrets_reach_the_container(world):
    manager, parameters = world.client("secretsmanager"), world.client("ssm")
    arn = manager.create_secret(Name="s", SecretString=json.dumps({"token": "geheim"}))["ARN"]
    parameters.put_parameter(Name="/p/x", Value="leise", Type="SecureString")
    definition = world.register(
        world.container(
            "app",
            "sleep 100",
            secrets=[
                {"name": "TOKEN", "valueFrom": f"{arn}:token::"},
                {"name": "PARAMETER", "valueFrom": "arn:aws:ssm:eu-central-1:123456789012:parameter/p/x"},
            ],
        )
    )
    name = world.serve(definition)
    world.steady(name)
    app = world.docker_container(world.tasks(name)[0], "app")
    assert output_within(app, "sh", "-c", "echo $TOKEN $PARAMETER") == b"geheim leise\n"


def test_output_arrives_in_cloudwatch(world):
    logs = world.client("logs")
    logs.create_log_group(logGroupName="/t/app")
    options = {"awslogs-group": "/t/app", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "app"}
    definition = world.register(
        world.container(
            "app",
            "echo first; sleep 0.2; echo second >&2; sleep 1.5; echo third; sleep 100",
            logConfiguration={"logDriver": "awslogs", "options": options},
        )
    )
    name = world.serve(definition)
    world.steady(name)
    stream = f"app/app/{world.tasks(name)[0]['taskArn'].rpartition('/')[2]}"

    def lines():
        answer = logs.get_log_events(logGroupName="/t/app", logStreamName=stream, startFromHead=True)
        messages = [event["message"] for event in answer["events"]]
        return messages if len(messages) == 3 else None

    assert until(lines) == ["first", "second", "third"]


def test_healthy_dependency_is_waited_for(world):
    check = {"command": ["CMD-SHELL", "test -e /tmp/ready"], "interval": 1, "retries": 30, "timeout": 2}
    definition = world.register(
        world.container("base", "sleep 1; touch /tmp/ready; sleep 100", healthCheck=check),
        world.container("app", "sleep 100", dependsOn=[{"containerName": "base", "condition": "HEALTHY"}]),
    )
    name = world.serve(definition)
    world.steady(name)
    (task,) = world.tasks(name)
    started = {
        each["name"]: world.docker_container(task, each["name"]).attrs["State"]["StartedAt"]
        for each in task["containers"]
    }
    assert started["app"] > started["base"]
    assert task["healthStatus"] == "HEALTHY"


def test_described_container_has_its_docker_id_digest_and_health(world):
    """What `tandem status` shows of a container comes from DescribeTasks alone."""
    check = {"command": ["CMD-SHELL", "true"], "interval": 1}
    image = world.context.docker.images.get(world.busybox)
    name = world.serve(world.register(world.container("app", "sleep 100", healthCheck=check)))
    world.steady(name)
    (task,) = world.tasks(name)
    (container,) = task["containers"]
    labels = world.context.docker.containers.get(container["runtimeId"]).labels
    assert labels["io.tandem.task"] == task["taskArn"].rpartition("/")[2]
    assert container["imageDigest"] == image.id
    assert (container["lastStatus"], container["healthStatus"]) == ("RUNNING", "HEALTHY")


def test_what_has_no_effect_is_said(world):
    controls = [{"namespace": "net.ipv4.ip_local_port_range", "value": "1024 65000"}]
    definition = world.register(world.container("app", "sleep 100", systemControls=controls))
    name = world.serve(definition)
    assert any("containerDefinitions[app].systemControls" in event for event in world.events(name))


def test_phases_are_recorded(world):
    name = world.serve(world.register(world.container("app", "sleep 100")))
    world.steady(name)
    task = until(lambda: [t for t in world.tasks(name) if len(t["attributes"]) == 5])[0]
    assert task["createdAt"] <= task["pullStartedAt"] <= task["pullStoppedAt"] <= task["startedAt"]
    names = {each["name"].rpartition(".")[2] for each in task["attributes"]}
    assert names == {"network", "pull", "copy", "start", "healthy"}
