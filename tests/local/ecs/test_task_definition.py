"""A task definition is parsed into values, and Docker's container configuration follows from them."""

import pytest

from pipeline.local.ecs.planner import container_config
from pipeline.local.ecs.planner.task_definition import DependencyCondition, TaskDefinition


def _definition(container=None, **more):
    return TaskDefinition.read(
        {
            "taskDefinitionArn": "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:7",
            "family": "web",
            "revision": 7,
            "cpu": "256",
            "memory": "512",
            "containerDefinitions": [{"name": "app", "image": "i", **(container or {})}],
            **more,
        }
    )


def _config(definition, **more):
    context = container_config.ContainerContext(
        pause="pause-id",
        volumes={"content": "docker-content"},
        containers={"static": "static-id"},
        image_volumes=more.pop("image_volumes", ()),
        secrets=more.pop("secrets", {}),
        labels={"io.tandem.task": "t"},
        file_environment=more.pop("file_environment", {}),
        access=more.pop("access", {}),
    )
    return container_config.task_container(definition, definition["app"], context)


def test_defaults_are_those_of_ecs():
    app = _definition()["app"]
    assert (app.essential, app.stop_timeout, app.read_only_root, app.user) == (True, 30, False, "")


def test_dependencies_are_read():
    definition = _definition({"dependsOn": [{"containerName": "x", "condition": "SUCCESS"}]})
    (dependency,) = definition["app"].depends_on
    assert (dependency.container, dependency.condition) == ("x", DependencyCondition.SUCCESS)


@pytest.mark.parametrize(
    ("container", "more", "path"),
    [
        ({"hostname": "h"}, {}, "containerDefinitions[app].hostname"),
        (
            {"firelensConfiguration": {"type": "fluentbit"}},
            {},
            "containerDefinitions[app].firelensConfiguration",
        ),
        (
            {"linuxParameters": {"sharedMemorySize": 64}},
            {},
            "containerDefinitions[app].linuxParameters.sharedMemorySize",
        ),
        (
            {"logConfiguration": {"logDriver": "splunk"}},
            {},
            "containerDefinitions[app].logConfiguration.logDriver=splunk",
        ),
        (
            {},
            {"volumes": [{"name": "v", "efsVolumeConfiguration": {"fileSystemId": "f"}}]},
            "volumes[v].efsVolumeConfiguration",
        ),
        ({}, {"proxyConfiguration": {"type": "APPMESH"}}, "proxyConfiguration"),
        ({}, {"somethingNew": True}, "somethingNew"),
    ],
)
def test_what_has_no_effect_is_named(container, more, path):
    assert _definition(container, **more).unsupported == (path,)


def test_ordinary_definition_has_nothing_unsupported():
    container = {"environment": [], "portMappings": [{"containerPort": 80}], "essential": True, "cpu": 0}
    assert _definition(container, networkMode="awsvpc", volumes=[{"name": "v", "host": {}}]).unsupported == ()


def test_containers_join_the_pause_containers_network():
    host = _config(_definition())["HostConfig"]
    assert host["NetworkMode"] == "container:pause-id"
    assert host["SecurityOpt"] == ["no-new-privileges:true"]


def test_task_size_limits_each_container():
    host = _config(_definition({"memory": 128, "memoryReservation": 64, "cpu": 100}))["HostConfig"]
    assert (host["Memory"], host["MemorySwap"], host["MemoryReservation"]) == (128 << 20, 128 << 20, 64 << 20)
    assert (host["NanoCpus"], host["CpuShares"]) == (250_000_000, 100)
    assert _config(_definition())["HostConfig"]["Memory"] == 512 << 20


def test_volumes_from_keeps_read_only():
    sources = [{"sourceContainer": "static", "readOnly": True}]
    assert _config(_definition({"volumesFrom": sources}))["HostConfig"]["VolumesFrom"] == ["static-id:ro"]


@pytest.mark.parametrize(
    ("image_volumes", "no_copy"), [(("/srv/static",), False), (("/srv",), True), ((), True)]
)
def test_volume_is_filled_only_where_the_image_declares_it(image_volumes, no_copy):
    mounts = {"mountPoints": [{"sourceVolume": "content", "containerPath": "/srv/static"}]}
    (mount,) = _config(_definition(mounts), image_volumes=image_volumes)["HostConfig"]["Mounts"]
    assert (mount["Source"], mount["VolumeOptions"]["NoCopy"]) == ("docker-content", no_copy)


def test_images_own_entrypoint_and_health_check():
    """ECS keeps the image's entrypoint, and does not run its HEALTHCHECK."""
    config = _config(_definition())
    assert "Entrypoint" not in config
    assert "Cmd" not in config
    assert config["Healthcheck"] == {"Test": ["NONE"]}


def test_health_check_has_ecs_defaults():
    config = _config(_definition({"healthCheck": {"command": ["CMD-SHELL", "true"]}}))["Healthcheck"]
    assert config == {
        "Test": ["CMD-SHELL", "true"],
        "Interval": 30 * 10**9,
        "Timeout": 5 * 10**9,
        "Retries": 3,
        "StartPeriod": 0,
    }


def test_secrets_join_the_environment():
    definition = _definition({"environment": [{"name": "A", "value": "1"}]})
    assert _config(definition, secrets={"B": "2"})["Env"] == ["A=1", "B=2"]


def test_variables_of_files_give_way_to_the_containers_own():
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html"""
    app = {
        "environment": [{"name": "A", "value": "own"}],
        "environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::b/a.env"}],
    }
    definition = _definition(app)
    assert definition.unsupported == ()
    assert definition["app"].environment_files == ("arn:aws:s3:::b/a.env",)
    config = _config(definition, file_environment={"A": "file", "B": "file", "S": "file"}, secrets={"S": "s"})
    assert sorted(config["Env"]) == ["A=own", "B=file", "S=s"]


ROLE = {"AWS_ACCESS_KEY_ID": "role", "AWS_SECRET_ACCESS_KEY": "role", "AWS_SESSION_TOKEN": "role"}
ACCESS = {"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": "http://here", **ROLE}


def test_the_task_role_is_read():
    assert _definition().role == ""
    assert _definition(taskRoleArn="arn:aws:iam::123456789012:role/t").role.endswith(":role/t")


def test_a_container_has_the_keys_of_the_task_role_and_may_choose_another_region():
    definition = _definition({"environment": [{"name": "AWS_REGION", "value": "eu-west-1"}]})
    environment = dict(each.split("=", 1) for each in _config(definition, access=ACCESS)["Env"])
    assert environment == {**ACCESS, "AWS_REGION": "eu-west-1"}


@pytest.mark.parametrize("name", ROLE)
@pytest.mark.parametrize("way", ["environment", "file", "secret"])
def test_a_container_with_keys_of_its_own_gets_none_of_the_roles(name, way):
    """Keys of one and the token of another would be refused."""
    definition = _definition(
        {"environment": [{"name": name, "value": "own"}]} if way == "environment" else {}
    )
    files, secrets = ({name: "own"} if way == each else {} for each in ("file", "secret"))
    config = _config(definition, access=ACCESS, file_environment=files, secrets=secrets)
    environment = dict(each.split("=", 1) for each in config["Env"])
    assert environment == {"AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": "http://here", name: "own"}
