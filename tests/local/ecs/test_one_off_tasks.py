"""RunTask runs a task once, with the call's command, and describes how it ended."""

import pytest
from botocore.exceptions import ClientError

from tests.support.waiting import until

pytestmark = pytest.mark.docker


@pytest.fixture
def run(world):
    """Run a task; its ARN."""
    world.ecs.create_cluster(clusterName="c")
    subnet = world.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]

    def run_task(definition, **more):
        network = {"awsvpcConfiguration": {"subnets": [subnet]}}
        answer = world.ecs.run_task(
            cluster="c",
            taskDefinition=definition,
            networkConfiguration=network,
            launchType="FARGATE",
            startedBy="me",
            **more,
        )
        return answer["tasks"][0]["taskArn"]

    return run_task


def stopped(world, arn):
    def ended():
        (task,) = world.ecs.describe_tasks(cluster="c", tasks=[arn])["tasks"]
        return task if task["lastStatus"] == "STOPPED" else None

    return until(ended, 30)


def test_a_task_runs_once_with_its_command(world, run):
    world.client("logs").create_log_group(logGroupName="/run")
    logs = {"awslogs-group": "/run", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "run"}
    definition = world.register(
        world.container("app", "exit 3", logConfiguration={"logDriver": "awslogs", "options": logs})
    )
    command = ["sh", "-c", "echo hello $WHO; exit 4"]
    environment = [{"name": "WHO", "value": "you"}]
    overrides = {"containerOverrides": [{"name": "app", "command": command, "environment": environment}]}
    arn = run(definition, overrides=overrides)
    task = stopped(world, arn)
    assert (task["containers"][0]["exitCode"], task["group"], task["startedBy"]) == (4, "family:t", "me")
    assert task["overrides"]["containerOverrides"][0]["command"] == command
    stream = f"run/app/{arn.rpartition('/')[2]}"
    events = world.client("logs").get_log_events(logGroupName="/run", logStreamName=stream)["events"]
    assert [event["message"] for event in events] == ["hello you"]
    assert world.on_docker("t") == []


def test_a_client_stops_it(world, run):
    arn = run(world.register(world.container("app", "sleep 100", stopTimeout=2)))
    until(
        lambda: world.ecs.describe_tasks(cluster="c", tasks=[arn])["tasks"][0]["lastStatus"] == "RUNNING", 30
    )
    world.ecs.stop_task(cluster="c", task=arn, reason="enough")
    task = stopped(world, arn)
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "enough")


def test_an_override_of_no_container_is_refused(world, run):
    definition = world.register(world.container("app", "true"))
    with pytest.raises(ClientError, match="container named web is not a container"):
        run(definition, overrides={"containerOverrides": [{"name": "web", "command": ["x"]}]})
