"""A control plane, a network and a scheduler of their own for tests that run tasks on Docker."""

import io
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import boto3
import docker
import pytest

from pipeline.core.paths import ROOT
from pipeline.core.settings import load
from pipeline.local import cleanup
from pipeline.local.context import ACCOUNT, REGION, StackContext
from pipeline.local.moto import ControlPlane, start_control_plane
from pipeline.local.target_health import TargetHealth, TargetHealthState
from tests.support.base_images import base
from tests.support.waiting import until

LABEL = "io.tandem.stack"


@dataclass
class World:
    """One small stack: tests register task definitions and check what runs."""

    context: StackContext
    control_plane: ControlPlane
    busybox: str
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, name: str) -> Any:
        if name not in self.clients:
            environment = self.control_plane.environ()
            self.clients[name] = boto3.client(
                name,
                endpoint_url=environment["AWS_ENDPOINT_URL"],
                region_name=environment["AWS_REGION"],
                aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            )
        return self.clients[name]

    @property
    def ecs(self) -> Any:
        return self.client("ecs")

    @property
    def health(self) -> TargetHealth:
        return self.context.health

    def container(self, name: str, script: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "image": self.busybox, "command": ["sh", "-c", script], **more}

    def register(self, *containers: dict[str, Any], **more: Any) -> str:
        answer = self.ecs.register_task_definition(
            family="t",
            containerDefinitions=list(containers),
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            **more,
        )
        return answer["taskDefinition"]["taskDefinitionArn"]

    def serve(self, definition: str, count: int = 1, **more: Any) -> str:
        """Create a service named after the test's stack; its name."""
        name = f"s{uuid.uuid4().hex[:6]}"
        if "c" not in {arn.rpartition("/")[2] for arn in self.ecs.list_clusters()["clusterArns"]}:
            self.ecs.create_cluster(clusterName="c")
        subnet = self.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
        self.ecs.create_service(
            cluster="c",
            serviceName=name,
            taskDefinition=definition,
            desiredCount=count,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet]}},
            **more,
        )
        return name

    def service(self, name: str) -> dict[str, Any]:
        return self.ecs.describe_services(cluster="c", services=[name])["services"][0]

    def tasks(self, name: str, status: str = "RUNNING") -> list[dict[str, Any]]:
        arns = self.ecs.list_tasks(cluster="c", serviceName=name, desiredStatus=status)["taskArns"]
        return self.ecs.describe_tasks(cluster="c", tasks=arns)["tasks"] if arns else []

    def events(self, name: str) -> list[str]:
        return [event["message"] for event in self.service(name)["events"]]

    def never(self, what: Callable[[], Any], seconds: float = 1.5) -> None:
        """Check for `seconds` that `what()` stays false."""
        end = monotonic() + seconds
        while monotonic() < end:
            assert not what()
            sleep(0.1)

    def tasks_of(self, name: str, definition: str) -> list[dict[str, Any]]:
        return [task for task in self.tasks(name) if task["taskDefinitionArn"] == definition]

    def steady(self, name: str, seconds: float = 20) -> dict[str, Any]:
        def done() -> Any:
            service = self.service(name)
            only = len(service["deployments"]) == 1
            completed = service["deployments"][0]["rolloutState"] == "COMPLETED"
            return service if only and completed else None

        try:
            return until(done, seconds)
        except AssertionError as error:
            raise AssertionError("\n".join([str(error), *self.events(name)])) from error

    def docker_container(self, task: dict[str, Any], name: str) -> Any:
        container = next(each for each in task["containers"] if each["name"] == name)
        return self.context.docker.containers.get(container["runtimeId"])

    def build(self, dockerfile: str) -> str:
        """A local image, removed with the test's stack."""
        tag = f"tandem-{self.context.stack}/{uuid.uuid4().hex[:6]}:1"
        file = io.BytesIO(dockerfile.encode())
        self.context.docker.images.build(fileobj=file, tag=tag, rm=True, network_mode="none")
        return tag

    def on_docker(self, service: str) -> list[str]:
        """Containers and volumes of a service."""
        filters = {"label": [f"{LABEL}={self.context.stack}", f"io.tandem.service={service}"]}
        containers = self.context.docker.containers.list(all=True, filters=filters, ignore_removed=True)
        volumes = self.context.docker.volumes.list(filters=filters)
        return [each.name for each in (*containers, *volumes)]

    def target_group(self, delay: int = 1) -> str:
        vpc = self.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
        created = self.client("elbv2").create_target_group(
            Name=f"g{uuid.uuid4().hex[:6]}", Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip"
        )
        arn = created["TargetGroups"][0]["TargetGroupArn"]
        self.client("elbv2").modify_target_group_attributes(
            TargetGroupArn=arn,
            Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": str(delay)}],
        )
        return arn

    def targets(self, arn: str) -> list[tuple[str, int]]:
        health = self.client("elbv2").describe_target_health(TargetGroupArn=arn)
        descriptions = health["TargetHealthDescriptions"]
        return [(each["Target"]["Id"], each["Target"]["Port"]) for each in descriptions]

    def mark(self, arn: str, state: TargetHealthState) -> None:
        """Set the state of all targets; the load balancer is not part of these tests."""
        for target in self.targets(arn):
            self.health.set(arn, target, state)


def _remove(client: docker.DockerClient, stack: str) -> None:
    cleanup.remove_containers(client, stack)
    cleanup.remove_networks(client, stack)
    cleanup.remove_volumes(client, stack)
    cleanup.remove_images(client, [f"tandem-{stack}/"])


@pytest.fixture(scope="session")
def busybox() -> str:
    return base("busybox")


@contextmanager
def _world(client: docker.DockerClient, busybox: str, folder: Path) -> Iterator[World]:
    """A control plane and a scheduler on `client`, both removed afterwards."""
    control_plane = start_control_plane()
    from pipeline.local.ecs.runner.scheduler import Scheduler  # noqa: PLC0415 - moto reads its settings at import

    stack = f"t-{os.getpid()}-{uuid.uuid4().hex[:6]}"
    (folder / "tandem.toml").write_text((ROOT / "tandem.toml").read_text())
    network = client.networks.create(f"tandem-{stack}", labels={LABEL: stack})
    context = StackContext(
        stack=stack,
        project=load(folder),
        network=network.name,
        gateway="",
        docker=client,
        account=ACCOUNT,
        region=REGION,
        health=control_plane.health,
        aws_endpoint=control_plane.url,
    )
    wake = Event()
    scheduler = Scheduler(context, wake, pause_image=lambda: busybox)
    ended = Event()

    def loop() -> None:
        while not ended.is_set():
            scheduler.reconcile()
            wake.wait(0.25)
            wake.clear()

    thread = Thread(target=loop)
    thread.start()
    try:
        yield World(context, control_plane, busybox)
    finally:
        ended.set()
        thread.join()
        scheduler.close()
        control_plane.stop()
        _remove(client, stack)


@pytest.fixture(scope="module")
def world(busybox: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    client = docker.from_env(timeout=600, max_pool_size=50)
    with _world(client, busybox, tmp_path_factory.mktemp("project")) as started:
        yield started


@pytest.fixture
def a_world() -> Any:
    """For tests with a Docker Engine of their own."""
    return _world
