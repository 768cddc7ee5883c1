"""No option that reaches beyond its container gets to Docker."""

import pytest

from pipeline.local.ecs.planner.container_config import ContainerContext, task_container
from pipeline.local.ecs.planner.docker_guard import ForbiddenOptionError, require_fargate
from pipeline.local.ecs.planner.task_definition import TaskDefinition


def config(**more):
    raw = {
        "taskDefinitionArn": "a",
        "family": "f",
        "revision": 1,
        "volumes": [{"name": "v"}],
        "pidMode": "task",
    }
    mounts = [{"sourceVolume": "v", "containerPath": "/v"}]
    app = {"name": "app", "image": "i", "user": "1", "mountPoints": mounts, "command": ["x"], **more}
    definition = TaskDefinition.read({**raw, "containerDefinitions": [app]})
    context = ContainerContext("p1", {"v": "tandem-x-v"}, {}, (), {}, {})
    return task_container(definition, definition["app"], context)


def test_an_ordinary_container_passes():
    assert config(linuxParameters={"capabilities": {"add": ["SYS_PTRACE"]}})["HostConfig"]["CapAdd"]


def test_a_mount_in_memory_gets_its_size_and_options():
    tmpfs = [
        {"containerPath": "/tmp", "size": 64, "mountOptions": ["noexec", "mode=1777"]},  # noqa: S108 - a container's
        {"containerPath": "/run", "size": 8},
    ]
    host = config(linuxParameters={"tmpfs": tmpfs})["HostConfig"]
    assert host["Tmpfs"] == {"/tmp": "noexec,mode=1777,size=64m", "/run": "size=8m"}  # noqa: S108
    assert "Tmpfs" not in config()["HostConfig"]


def test_a_privileged_container_is_never_asked_for():
    assert "Privileged" not in config(privileged=True)["HostConfig"]


@pytest.mark.parametrize("capability", ["SYS_ADMIN", "ALL", "NET_ADMIN", "CAP_SYS_ADMIN", "sys_admin"])
def test_a_capability_cannot_be_added(capability):
    with pytest.raises(ForbiddenOptionError, match="not on Fargate: CapAdd"):
        config(linuxParameters={"capabilities": {"add": [capability]}})


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("Privileged", True),
        ("Privileged", False),
        ("Binds", ["/:/host"]),
        ("Devices", [{"PathOnHost": "/dev/kmsg"}]),
        ("DeviceRequests", [{}]),
        ("Sysctls", {"net.core.somaxconn": "1"}),
        ("IpcMode", "host"),
        ("UTSMode", "host"),
        ("UsernsMode", "host"),
        ("CgroupnsMode", "host"),
        ("Runtime", "other"),
        ("GroupAdd", ["0"]),
        ("OomScoreAdj", -1000),
        ("ExtraHosts", ["a:1.2.3.4"]),
        ("PortBindings", {}),
        ("PublishAllPorts", True),
        ("MaskedPaths", []),
        ("NetworkMode", "host"),
        ("NetworkMode", "bridge"),
        ("NetworkMode", "container:"),
        ("PidMode", "host"),
        ("SecurityOpt", []),
        ("SecurityOpt", ["no-new-privileges:true", "seccomp=unconfined"]),
        ("Mounts", [{"Type": "bind", "Source": "/", "Target": "/host"}]),
        ("Mounts", [{"Type": "volume", "Source": "/etc", "Target": "/host"}]),
        ("Mounts", [{"Type": "tmpfs", "Source": "x", "Target": "/host"}]),
    ],
)
def test_the_guard_refuses_each_option_that_it_does_not_know(option, value):
    good = config()
    with pytest.raises(ForbiddenOptionError, match=option):
        require_fargate({**good, "HostConfig": {**good["HostConfig"], option: value}})


def test_the_guard_refuses_options_beside_the_hosts():
    with pytest.raises(ForbiddenOptionError, match="NetworkingConfig"):
        require_fargate({**config(), "NetworkingConfig": {}})
