"""The project's HAProxy in front of the measured tasks, one host name for each."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from pipeline.local.alb import haproxy_config
from pipeline.local.alb.haproxy import HAProxy
from pipeline.local.alb.load_balancer_config import (
    ConditionField,
    FixedResponse,
    Forward,
    LoadBalancerConfig,
    Rule,
    RuleCondition,
    TargetGroup,
    WeightedTargetGroup,
)
from pipeline.local.alb.server_slots import fill_slots
from pipeline.local.context import ALB_ROLE
from pipeline.local.measured_task import RunningTask
from pipeline.local.measurement_context import MeasurementContext

_LOOPBACK = "127.0.0.1"
_CONNECT_SECONDS = 1.0
_NOT_FOUND = 404


@dataclass(frozen=True)
class Balancer:
    """A load balancer that answers at `url`; a request's host chooses the task."""

    url: str

    @staticmethod
    def host(variant: str) -> str:
        """The host name that leads to a variant's task."""
        return f"{variant}.measurement"


def configuration(tasks: Mapping[str, RunningTask], port: int) -> str:
    """HAProxy's configuration for one task of each variant, made as for the stack's own listener."""
    groups = {
        name: TargetGroup(_arn(name), targets=((each.address, each.port),)) for name, each in tasks.items()
    }
    forwards = [
        Rule(
            Forward((WeightedTargetGroup(group.arn, 1),)),
            (RuleCondition(ConditionField.HOST, (Balancer.host(name),)),),
        )
        for name, group in groups.items()
    ]
    config = LoadBalancerConfig((*forwards, Rule(FixedResponse(_NOT_FOUND))), tuple(groups.values()))
    slots = {group.arn: fill_slots(None, group.targets) for group in groups.values()}
    return haproxy_config.text(config, slots, port)


@contextmanager
def running_balancer(
    context: MeasurementContext, tasks: Mapping[str, RunningTask], image: str
) -> Iterator[Balancer]:
    """HAProxy before `tasks`, removed after the block.

    Raises:
        TandemError: it does not start.
    """
    port = _free_port()
    haproxy = HAProxy(context, port, image)
    try:
        haproxy.ensure(lambda: configuration(tasks, port))
        yield Balancer(_nearest(context, port))
    finally:
        haproxy.remove()


def _nearest(context: MeasurementContext, port: int) -> str:
    """The URL of HAProxy on Docker's network; its port on loopback where that network cannot be reached.

    Docker's proxy of the published port would use as much CPU as nginx.
    """
    container = context.docker.containers.get(context.name(ALB_ROLE))
    address = str(container.attrs["NetworkSettings"]["Networks"][context.network]["IPAddress"])
    try:
        socket.create_connection((address, haproxy_config.PORT), _CONNECT_SECONDS).close()
    except OSError:
        return f"http://{_LOOPBACK}:{port}"
    return f"http://{address}:{haproxy_config.PORT}"


def _arn(name: str) -> str:
    return f"targetgroup/{name}/1"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])
