"""The load balancer's CloudWatch metrics: requests from HAProxy's log, and numbers of healthy targets.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
"""

import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread
from time import monotonic

from pipeline.local.alb.load_balancer_config import LoadBalancerConfig, TargetGroup
from pipeline.local.alb.server_slots import States
from pipeline.local.alb.sockets import bind
from pipeline.local.metric_buffer import Metric, MetricBuffer
from pipeline.local.target_health import TargetHealthState

LOG_FORMAT = "%[var(txn.group)] %ST %Tr %[var(txn.target)]"
"""Target group, status, milliseconds until the response, and 1 if a target gave it."""
_NAMESPACE = "AWS/ApplicationELB"
_LINE = 4096
_MINUTE = 60.0
_CLIENT_ERROR, _SERVER_ERROR = 4, 5

Measurement = tuple[Metric, float]
Dimensions = tuple[tuple[str, str], ...]


def count_request(line: str, config: LoadBalancerConfig) -> Iterator[Measurement]:
    """The metrics of one request in HAProxy's log; none for any other line."""
    with suppress(ValueError):
        name, status, milliseconds, by_target = line.split()
        group = next((group for group in config.groups if group.name == name), None)
        yield from _request(config, group, int(status), int(milliseconds), by_target=by_target == "1")


def _request(
    config: LoadBalancerConfig, group: TargetGroup | None, status: int, milliseconds: int, *, by_target: bool
) -> Iterator[Measurement]:
    dimensions = [_load_balancer(config)] + ([_group(config, group)] if group else [])
    if status:
        yield from _each("RequestCount", "Count", dimensions, 1.0)
    kind = status // 100
    if by_target:
        yield from _each(f"HTTPCode_Target_{kind}XX_Count", "Count", dimensions, 1.0)
        yield from _each("TargetResponseTime", "Seconds", dimensions, max(milliseconds, 0) / 1000)
    elif kind in {_CLIENT_ERROR, _SERVER_ERROR}:
        yield from _each(f"HTTPCode_ELB_{kind}XX_Count", "Count", dimensions[:1], 1.0)
        if kind == _SERVER_ERROR:
            yield from _each(f"HTTPCode_ELB_{status}_Count", "Count", dimensions[:1], 1.0)
            if group and group.is_lambda:
                yield from _each("LambdaUserError", "Count", dimensions[1:], 1.0)


def count_hosts(config: LoadBalancerConfig, states: Mapping[str, States]) -> Iterator[Measurement]:
    """HealthyHostCount and UnHealthyHostCount of each target group in use."""
    for group in config.groups:
        if group.arn not in config.used or group.is_lambda:
            continue
        in_group = [state.state for state in states.get(group.arn, {}).values()]
        dimensions = [_group(config, group)]
        healthy = in_group.count(TargetHealthState.HEALTHY)
        unhealthy = in_group.count(TargetHealthState.UNHEALTHY)
        yield from _each("HealthyHostCount", "Count", dimensions, float(healthy))
        yield from _each("UnHealthyHostCount", "Count", dimensions, float(unhealthy))


def _each(name: str, unit: str, all_dimensions: list[Dimensions], value: float) -> Iterator[Measurement]:
    return ((Metric(_NAMESPACE, name, unit, dimensions), value) for dimensions in all_dimensions)


def _load_balancer(config: LoadBalancerConfig) -> Dimensions:
    return (("LoadBalancer", config.arn.partition(":loadbalancer/")[2]),)


def _group(config: LoadBalancerConfig, group: TargetGroup) -> Dimensions:
    return (*_load_balancer(config), ("TargetGroup", group.arn.rpartition(":")[2]))


class AccessLog:
    """Receives HAProxy's log on a socket and counts its requests."""

    def __init__(self, path: Path, metrics: MetricBuffer) -> None:
        self.config = LoadBalancerConfig()
        self._metrics = metrics
        self._hosts: list[Measurement] = []
        self._counted = 0.0
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        bind(self._socket, path)
        Thread(target=self._run, name="alb-access-log", daemon=True).start()

    def update(self, config: LoadBalancerConfig, states: Mapping[str, States]) -> None:
        """Count the hosts once a minute and after each change; flush all metrics once a second."""
        self.config = config
        counts = list(count_hosts(config, states))
        if counts != self._hosts or monotonic() - self._counted >= _MINUTE:
            self._hosts, self._counted = counts, monotonic()
            self._add(counts)
        self._metrics.flush()

    def close(self) -> None:
        # Wakes the thread, which `close` alone does not.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _add(self, measurements: Iterable[Measurement]) -> None:
        for metric, value in measurements:
            self._metrics.add(metric, value)

    def _run(self) -> None:
        with suppress(OSError):
            while line := self._socket.recv(_LINE):
                self._add(count_request(line.decode(errors="replace"), self.config))
