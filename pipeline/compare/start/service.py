"""Start, scale and stop the tasks of one ECS service in a small stack, and say when they serve."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.aws.access import Aws
from pipeline.compare.start.load import answers
from pipeline.compare.start.phases import StartTimes
from pipeline.core.errors import TandemError
from pipeline.local.small_stack import SmallStack
from pipeline.local.waiting import wait_until
from render.model import RenderInput, render

if TYPE_CHECKING:
    from pipeline.local.ecs.planner.task_state import TaskState

CLUSTER, LOG_GROUP = "start", "/start"
_EVERY = 0.02
_STOP_SECONDS = 120.0
_HEALTH_SECONDS = 10
"""As the platform's `health_interval`; the local load balancer checks a new target at once."""


@dataclass(frozen=True)
class Edge:
    """The load balancer's target group that all measured services use, one after the other."""

    stack: SmallStack
    aws: Aws
    group: str
    subnet: str


def make_edge(stack: SmallStack, port: int, health_path: str) -> Edge:
    """Create cluster, log group, load balancer and target group in the small stack."""
    aws = Aws.from_environ(stack.environ)
    aws.require_local()
    ec2, elb = aws.client("ec2"), aws.client("elbv2")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    aws.client("ecs").create_cluster(clusterName=CLUSTER)
    aws.client("logs").create_log_group(logGroupName=LOG_GROUP)
    target_group = elb.create_target_group(
        Name="start",
        Protocol="HTTP",
        Port=port,
        VpcId=vpc,
        TargetType="ip",
        HealthCheckPath=health_path,
        HealthCheckIntervalSeconds=_HEALTH_SECONDS,
        HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
    )["TargetGroups"][0]
    group = target_group["TargetGroupArn"]
    elb.modify_target_group_attributes(
        TargetGroupArn=group,
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "0"}],
    )
    balancer = elb.create_load_balancer(Name="start", Subnets=subnets)["LoadBalancers"][0]
    elb.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )
    return Edge(stack, aws, group, subnets[0])


class MeasuredService:
    """One service, from no task to several and back."""

    def __init__(self, edge: Edge, name: str, task: RenderInput) -> None:
        self._edge, self.name = edge, name
        self._ecs: Any = edge.aws.client("ecs")  # a rendered request is a plain dict
        definition = self._ecs.register_task_definition(**render(task))["taskDefinition"]
        self._path = task.health_path
        self._ecs.create_service(
            cluster=CLUSTER,
            serviceName=name,
            taskDefinition=definition["taskDefinitionArn"],
            desiredCount=0,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": [edge.subnet]}},
            loadBalancers=[
                {"targetGroupArn": edge.group, "containerName": "app", "containerPort": task.port}
            ],
        )

    def want(self, count: int) -> float:
        """Ask for so many tasks; the monotonic time of the call."""
        called_at = time.monotonic()
        self._ecs.update_service(cluster=CLUSTER, service=self.name, desiredCount=count)
        return called_at

    def served(self, seconds: float) -> float:
        """Wait until a request is answered; the monotonic time of the answer.

        Raises:
            TandemError: a task ended, or none answered within `seconds`.
        """
        port, path = self._edge.stack.port, self._path
        return self._wait(lambda: answers(port, path), seconds, lambda: f"no task of {self.name} answers")

    def scaled(self, count: int, seconds: float) -> float:
        """Wait until so many tasks are healthy in the load balancer; the monotonic time.

        Raises:
            TandemError: a task ended, or too few are healthy within `seconds`.
        """
        stack, group = self._edge.stack, self._edge.group

        def too_few() -> str:
            return f"only {stack.healthy_targets(group)} of {count} tasks of {self.name} serve"

        return self._wait(lambda: stack.healthy_targets(group) >= count, seconds, too_few)

    def tasks(self) -> list["TaskState"]:
        """The tasks that run, oldest first."""
        return sorted(self._edge.stack.tasks(self.name), key=lambda task: task.began)

    def _wait(self, is_done: Callable[[], bool], seconds: float, late: Callable[[], str]) -> float:
        earlier_count = len(self._edge.stack.stopped(self.name))

        def has_ended() -> bool:
            return is_done() or len(self._edge.stack.stopped(self.name)) > earlier_count

        in_time = wait_until(has_ended, seconds, every=_EVERY)
        at = time.monotonic()
        stopped_tasks = self._edge.stack.stopped(self.name)[earlier_count:]
        if stopped_tasks:
            raise TandemError(f"a task of {self.name} ended: {stopped_tasks[0].stop_reason}")
        if not in_time:
            raise TandemError(f"{late()} after {seconds:.0f} s")
        return at

    def stop(self) -> None:
        """Stop all tasks and delete the service; returns when nothing of it answers any more.

        Raises:
            TandemError: a task does not stop.
        """
        self.want(0)
        stack, path = self._edge.stack, self._path
        has_stopped = wait_until(lambda: not stack.tasks(self.name), _STOP_SECONDS, every=_EVERY)
        is_quiet = has_stopped and wait_until(
            lambda: not answers(stack.port, path), _STOP_SECONDS, every=_EVERY
        )
        self._ecs.delete_service(cluster=CLUSTER, service=self.name, force=True)
        if not is_quiet:
            raise TandemError(f"the tasks of {self.name} do not stop within {_STOP_SECONDS:.0f} s")


def times_of(task: "TaskState") -> StartTimes:
    """The times of a task that runs."""
    running = task.running_since if task.running_since is not None else time.monotonic()
    return StartTimes(task.began, running, task.phases.get("copy", 0.0), task.phases.get("start", 0.0))
