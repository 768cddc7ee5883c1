"""A task has the keys of its task role while it lives, and may do with them what the role may."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.sts.models import sts_backends

from pipeline.local.context import ACCOUNT, REGION
from pipeline.local.ecs.planner.task_definition import TaskDefinition
from pipeline.local.ecs.runner.docker_engine import DockerUnavailableError
from pipeline.local.ecs.runner.task_containers import TaskContainers
from pipeline.local.ecs.runner.task_roles import TaskRoles
from tests.support.containers import output_within
from tests.support.waiting import until

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@pytest.fixture(scope="module")
def role(world):
    """A role that reads one object."""
    read = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shown/1"}
    iam, s3 = world.client("iam"), world.client("s3")
    arn = iam.create_role(RoleName="task", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    document = json.dumps({"Version": "2012-10-17", "Statement": [read]})
    iam.put_role_policy(RoleName="task", PolicyName="p", PolicyDocument=document)
    s3.create_bucket(Bucket="shown", CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in ("1", "2"):
        s3.put_object(Bucket="shown", Key=key, Body=b"one")
    return arn


def _variables(world, task, name="app"):
    """The variables that the container's process has, and not only what Docker was asked for."""
    text = output_within(world.docker_container(task, name), "env").decode()
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def _s3(variables):
    return boto3.client(
        "s3",
        region_name=variables["AWS_REGION"],
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=variables["AWS_SESSION_TOKEN"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def _code(call, **values):
    """AWS's error code; empty if it allowed the call."""
    try:
        call(Bucket="shown", **values)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


@pytest.mark.docker
def test_a_task_may_do_what_its_role_may_and_no_more_until_it_ends(world, role):
    containers = [world.container(name, "sleep 100", stopTimeout=2) for name in ("app", "helper")]
    name = world.serve(world.register(*containers, taskRoleArn=role))
    world.steady(name)
    (task,) = world.tasks(name)
    variables = _variables(world, task)
    assert variables["AWS_EXECUTION_ENV"] == "AWS_ECS_FARGATE"
    helper = _variables(world, task, "helper")
    assert [helper[key] for key in KEYS] == [variables[key] for key in KEYS], "the role is the task's"
    s3 = _s3(variables)
    assert _code(s3.get_object, Key="1") == ""
    assert _code(s3.get_object, Key="2") == "AccessDenied"
    assert _code(s3.put_object, Key="1", Body=b"two") == "AccessDenied"
    described = json.dumps([task, world.service(name)], default=str)
    assert not any(variables[key] in described for key in KEYS), "nobody reads them from ECS"
    world.ecs.update_service(cluster="c", service=name, desiredCount=0)
    until(lambda: not world.tasks(name) and not world.on_docker(name), 20)
    assert _code(s3.get_object, Key="1") in {"InvalidClientTokenId", "InvalidAccessKeyId"}


@pytest.mark.docker
def test_two_tasks_of_a_role_have_keys_of_their_own(world, role):
    name = world.serve(world.register(world.container("app", "sleep 100"), taskRoleArn=role), count=2)
    world.steady(name)
    one, other = (_variables(world, task) for task in world.tasks(name))
    assert one["AWS_ACCESS_KEY_ID"] != other["AWS_ACCESS_KEY_ID"]


@pytest.mark.docker
def test_a_task_without_a_role_has_a_region_and_no_keys(world):
    name = world.serve(world.register(world.container("app", "sleep 100")))
    world.steady(name)
    variables = _variables(world, world.tasks(name)[0])
    assert (variables["AWS_REGION"], variables["AWS_DEFAULT_REGION"]) == (REGION, REGION)
    assert not variables.keys() & set(KEYS)


def test_a_tasks_keys_do_not_expire_before_it_ends():
    roles = TaskRoles(ACCOUNT, REGION, "http://here")
    session = roles.open(f"arn:aws:iam::{ACCOUNT}:role/task", "t")
    try:
        assert session.expires - datetime.now(UTC) > timedelta(days=365)
    finally:
        roles.close(session)


class LostDocker:
    """Starts the pause container; Docker is away when the task ends."""

    def create(self, name, config):
        del name, config
        return "pause"

    def start(self, docker_id):
        pass

    def inspect(self, docker_id):
        del docker_id
        return SimpleNamespace(address="10.0.0.1")

    def remove(self, docker_id):
        raise DockerUnavailableError(docker_id)


def test_the_keys_are_refused_at_the_end_of_a_task_even_if_docker_is_away():
    def count():
        return len(sts_backends[ACCOUNT]["aws"].assumed_roles)

    role = f"arn:aws:iam::{ACCOUNT}:role/task"
    raw = {"taskDefinitionArn": "arn:t:1", "family": "t", "revision": 1, "taskRoleArn": role}
    definition = TaskDefinition.read({**raw, "containerDefinitions": [{"name": "app", "image": "i"}]})
    clients = SimpleNamespace(
        engine=LostDocker(),
        roles=TaskRoles(ACCOUNT, REGION, "http://here"),
        network="n",
        pause_image=lambda: "i",
        name=lambda *parts: "-".join(parts),
        labels=lambda *_, **more: more,
    )
    before, containers = count(), TaskContainers(clients, definition, "t1", "web")
    containers.provision()
    assert count() == before + 1
    for _ in range(2):  # the task's thread tries until Docker is back
        with pytest.raises(DockerUnavailableError):
            containers.remove()
        assert count() == before


def test_a_measured_task_has_no_control_plane_and_gets_no_keys():
    roles = TaskRoles(ACCOUNT, REGION, "")
    assert roles.open(f"arn:aws:iam::{ACCOUNT}:role/task", "t") is None
    assert roles.environ(None).keys() == {"AWS_EXECUTION_ENV", "AWS_REGION", "AWS_DEFAULT_REGION"}
