"""Facts about the whole stack on Docker: it starts, adopts what runs, survives a kill, and stops."""

import os
import shutil
import signal
import threading

import boto3
import docker
import httpx
import pytest

from pipeline.core.paths import ROOT
from pipeline.core.settings import load
from pipeline.images.bases.provide import Bases
from pipeline.local import dockerd
from pipeline.local.stack import Stack
from tests.support.ports import free_port
from tests.support.waiting import until

pytestmark = pytest.mark.docker


def _container_names(stack):
    """Names of all the stack's objects on Docker."""
    client = docker.from_env()
    filters = {"label": f"io.tandem.stack={stack.id}"}
    names = [each["Names"][0] for each in client.api.containers(all=True, filters=filters)]
    names += [each.name for each in client.volumes.list(filters=filters)]
    names += [each.name for each in client.networks.list(filters=filters)]
    prefix = f"tandem-{stack.id}/"
    tags = [tag for image in client.api.images() for tag in image["RepoTags"] or ()]
    return names + [tag for tag in tags if tag.startswith(prefix)]


def _cache():
    """The project's own: base images are made once."""
    cache = ROOT / ".tandem" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    return cache


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    text = (ROOT / "tandem.toml").read_text()
    (folder / "tandem.toml").write_text(text.replace("[local]", f"[local]\nport = {free_port()}"))
    (folder / ".tandem").mkdir()
    (folder / ".tandem" / "cache").symlink_to(_cache())
    stack = Stack.of(load(folder))
    stack.start()
    yield stack
    stack.stop()
    shutil.rmtree(folder)


def _client(stack, name):
    environ = stack.environ()
    return boto3.client(
        name,
        endpoint_url=environ["AWS_ENDPOINT_URL"],
        region_name=environ["AWS_REGION"],
        aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
    )


class Site:
    """A service of busybox's httpd behind a load balancer."""

    def __init__(self, stack):
        self.stack = stack
        self.ecs, self.elb, ec2 = (_client(stack, name) for name in ("ecs", "elbv2", "ec2"))
        self.image = Bases.ensure(stack.project, stack.id, names=("busybox",))["busybox"]
        subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"][:2]]
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        group = self.elb.create_target_group(
            Name="g",
            Protocol="HTTP",
            Port=8080,
            VpcId=vpc,
            TargetType="ip",
            HealthCheckPath="/",
            HealthCheckIntervalSeconds=5,
            HealthyThresholdCount=2,
        )["TargetGroups"][0]["TargetGroupArn"]
        delay = {"Key": "deregistration_delay.timeout_seconds", "Value": "2"}
        self.elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[delay])
        balancer = self.elb.create_load_balancer(Name="lb", Subnets=subnets)["LoadBalancers"][0]
        self.elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )
        self.ecs.create_cluster(clusterName="c")
        self.ecs.create_service(
            cluster="c",
            serviceName="web",
            taskDefinition=self.define("one"),
            desiredCount=2,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": subnets}},
            loadBalancers=[{"targetGroupArn": group, "containerName": "app", "containerPort": 8080}],
        )

    def define(self, text):
        """A task definition that serves `text`; its httpd ends on SIGTERM."""
        script = f"echo {text} > /tmp/index.html; exec httpd -f -p 8080 -h /tmp"
        return self.ecs.register_task_definition(
            family="web",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[
                {"name": "app", "image": self.image, "command": ["sh", "-c", script], "stopTimeout": 1}
            ],
        )["taskDefinition"]["taskDefinitionArn"]

    def get(self):
        try:
            answer = httpx.get(self.stack.url, timeout=5)
        except httpx.HTTPError as error:
            return repr(error)
        return answer.text.strip() if answer.status_code == 200 else str(answer.status_code)

    def steady(self):
        (service,) = self.ecs.describe_services(cluster="c", services=["web"])["services"]
        states = [each["rolloutState"] for each in service["deployments"]]
        return service if states == ["COMPLETED"] else None


@pytest.fixture(scope="module")
def site(stack):
    return Site(stack)


def test_status_has_the_urls_of_what_runs(stack):
    status = until(lambda: stack.status() if stack.status().docker else None)
    assert (status.running, status.url, status.registry) == (True, stack.url, stack.registry_host)
    assert httpx.get(f"http://{stack.registry_host}/v2/").status_code == 200


def test_second_start_adopts_what_runs(stack):
    before = stack.lock.holder()
    stack.start()
    assert stack.lock.holder() == before


def test_service_answers_through_the_load_balancer(site):
    until(lambda: site.get() == "one")
    until(site.steady)
    arns = site.ecs.list_tasks(cluster="c", serviceName="web")["taskArns"]
    tasks = site.ecs.describe_tasks(cluster="c", tasks=arns)["tasks"]
    assert len(tasks) == 2
    assert {each["lastStatus"] for task in tasks for each in task["containers"]} == {"RUNNING"}


def test_replacing_tasks_under_load_fails_no_request(site):
    until(site.steady)
    answers, done = [], threading.Event()

    def load_it():
        while not done.is_set():
            answers.append(site.get())

    clients = [threading.Thread(target=load_it, daemon=True) for _ in range(2)]
    for client in clients:
        client.start()
    site.ecs.update_service(cluster="c", service="web", taskDefinition=site.define("two"))
    until(lambda: answers[-1:] == ["two"] and site.steady())
    done.set()
    for client in clients:
        client.join()
    assert {answer: answers.count(answer) for answer in set(answers)}.keys() == {"one", "two"}


def test_killed_stack_starts_anew_without_leftovers(stack, site):
    until(site.steady)
    before = stack.lock.holder()
    os.kill(before.pid, signal.SIGKILL)
    until(lambda: stack.lock.holder() is None)
    assert not stack.status().running
    assert any("-web-" in name for name in _container_names(stack))
    stack.start()
    assert stack.lock.holder().pid != before.pid
    until(lambda: not any("-web-" in name for name in _container_names(stack)))
    assert _client(stack, "ecs").list_clusters()["clusterArns"] == []


def test_stopped_stack_leaves_nothing(stack):
    stack.stop()
    dockerd.ensure()  # the stop ends a Docker Engine that was started here and has no container left
    assert _container_names(stack) == []
    assert not stack.lock.is_held()
    stack.stop()
