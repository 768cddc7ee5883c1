"""ECS refuses what Fargate refuses: no task definition reaches this machine beyond its containers."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from pipeline.local.moto import prepare_moto
from pipeline.local.target_health import TargetHealth

HOST = {"name": "v", "host": {"sourcePath": "/"}}
REFUSED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"privileged": True}, {}),
    ({"linuxParameters": {"capabilities": {"add": ["SYS_ADMIN"]}}}, {}),
    ({"linuxParameters": {"capabilities": {"add": ["SYS_PTRACE", "ALL"]}}}, {}),
    ({"linuxParameters": {"devices": [{"hostPath": "/dev/kmsg"}]}}, {}),
    ({"linuxParameters": {"sharedMemorySize": 64}}, {}),
    ({"linuxParameters": {"tmpfs": [{"containerPath": "/t", "size": 0}]}}, {}),
    ({"linuxParameters": {"tmpfs": [{"containerPath": "/t", "size": 1, "mountOptions": ["size=9g"]}]}}, {}),
    ({"dockerSecurityOptions": ["seccomp=unconfined"]}, {}),
    ({"extraHosts": [{"hostname": "a", "ipAddress": "1.2.3.4"}]}, {}),
    ({}, {"volumes": [HOST]}),
    ({}, {"volumes": [{"name": "v", "dockerVolumeConfiguration": {"driver": "local"}}]}),
    ({}, {"networkMode": "host"}),
    ({}, {"pidMode": "host"}),
    ({}, {"ipcMode": "host"}),
]


@pytest.fixture(scope="module")
def ecs() -> Iterator[Any]:
    prepare_moto(TargetHealth())
    with mock_aws():
        client = boto3.Session("a", "b", region_name="eu-central-1").client("ecs")
        client.create_cluster(clusterName="c")
        yield client


def definition(container: dict[str, Any], task: dict[str, Any]) -> dict[str, Any]:
    app = {"name": "app", "image": "i", "memory": 64, **container}
    return {"family": "f", "containerDefinitions": [app], **task}


def message(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    assert refused.value.response["Error"]["Code"] == "ClientException"
    return str(refused.value.response["Error"]["Message"])


@pytest.mark.parametrize(("container", "task"), REFUSED)
def test_it_cannot_be_registered_for_fargate(
    ecs: Any, container: dict[str, Any], task: dict[str, Any]
) -> None:
    task_definition = {"networkMode": "awsvpc", "cpu": "256", "memory": "512", **definition(container, task)}
    assert "argate" in message(
        ecs.register_task_definition, requiresCompatibilities=["FARGATE"], **task_definition
    )


@pytest.mark.parametrize(("container", "task"), REFUSED)
def test_it_cannot_be_started_if_it_was_registered_for_something_else(
    ecs: Any, container: dict[str, Any], task: dict[str, Any]
) -> None:
    arn = ecs.register_task_definition(**definition(container, task))["taskDefinition"]["taskDefinitionArn"]
    for call in (ecs.create_service, ecs.run_task, ecs.update_service):
        service = "service" if call == ecs.update_service else "serviceName"
        named = {} if call == ecs.run_task else {service: "s"}
        assert "not compatible with Fargate" in message(call, cluster="c", taskDefinition=arn, **named)
    assert ecs.list_services(cluster="c")["serviceArns"] == []


def test_what_fargate_runs_is_registered_and_started(ecs: Any) -> None:
    parameters = {"capabilities": {"add": ["SYS_PTRACE"], "drop": ["ALL"]}, "initProcessEnabled": True}
    task_definition = definition(
        {"linuxParameters": parameters, "privileged": False}, {"volumes": [{"name": "v"}]}
    )
    arn = ecs.register_task_definition(
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        pidMode="task",
        **task_definition,
    )["taskDefinition"]["taskDefinitionArn"]
    ecs.create_service(
        cluster="c", serviceName="good", taskDefinition=arn, launchType="FARGATE", desiredCount=0
    )
