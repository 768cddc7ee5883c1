"""The load balancer's metrics: every request that HAProxy reports, and how many targets are healthy.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
"""

import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread
from time import monotonic

from pipeline.local.alb.load_balancer_config import Front, TargetGroup
from pipeline.local.alb.server_slots import States
from pipeline.local.alb.sockets import bind
from pipeline.local.metric_buffer import Metric, Metrics
from pipeline.local.target_health import TargetHealthState

LOG_FORMAT = "%[var(txn.group)] %ST %Tr %[var(txn.target)]"
"""Target group, status, milliseconds to the answer, and 1 if the target gave it."""
_NAMESPACE = "AWS/ApplicationELB"
_LINE = 4096
_MINUTE = 60.0
_CLIENT_ERROR, _SERVER_ERROR = 4, 5

Counted = tuple[Metric, float]
Dimensions = tuple[tuple[str, str], ...]


def counted(line: str, front: Front) -> Iterator[Counted]:
    """What one request of HAProxy's log counts as; a line that is none counts nothing."""
    with suppress(ValueError):
        name, status, milliseconds, by_target = line.split()
        group = next((group for group in front.groups if group.name == name), None)
        yield from _request(front, group, int(status), int(milliseconds), by_target=by_target == "1")


def _request(
    front: Front, group: TargetGroup | None, status: int, milliseconds: int, *, by_target: bool
) -> Iterator[Counted]:
    both = [_balancer(front)] + ([_group(front, group)] if group else [])
    if status:
        yield from _each("RequestCount", "Count", both, 1.0)
    kind = status // 100
    if by_target:
        yield from _each(f"HTTPCode_Target_{kind}XX_Count", "Count", both, 1.0)
        yield from _each("TargetResponseTime", "Seconds", both, max(milliseconds, 0) / 1000)
    elif kind in {_CLIENT_ERROR, _SERVER_ERROR}:
        yield from _each(f"HTTPCode_ELB_{kind}XX_Count", "Count", both[:1], 1.0)
        if kind == _SERVER_ERROR:
            yield from _each(f"HTTPCode_ELB_{status}_Count", "Count", both[:1], 1.0)
            if group and group.is_lambda:
                yield from _each("LambdaUserError", "Count", both[1:], 1.0)


def hosts(front: Front, states: Mapping[str, States]) -> Iterator[Counted]:
    """How many targets of each group in use are healthy, and how many are not."""
    for group in front.groups:
        if group.arn not in front.used or group.is_lambda:
            continue
        words = [state.state for state in states.get(group.arn, {}).values()]
        where = [_group(front, group)]
        yield from _each("HealthyHostCount", "Count", where, float(words.count(TargetHealthState.HEALTHY)))
        yield from _each(
            "UnHealthyHostCount", "Count", where, float(words.count(TargetHealthState.UNHEALTHY))
        )


def _each(name: str, unit: str, wheres: list[Dimensions], value: float) -> Iterator[Counted]:
    return ((Metric(_NAMESPACE, name, unit, where), value) for where in wheres)


def _balancer(front: Front) -> Dimensions:
    return (("LoadBalancer", front.arn.partition(":loadbalancer/")[2]),)


def _group(front: Front, group: TargetGroup) -> Dimensions:
    return (*_balancer(front), ("TargetGroup", group.arn.rpartition(":")[2]))


class Traffic:
    """Takes HAProxy's log and counts it."""

    def __init__(self, path: Path, metrics: Metrics) -> None:
        self.front = Front()
        self._metrics = metrics
        self._hosts: list[Counted] = []
        self._counted = 0.0
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        bind(self._socket, path)
        Thread(target=self._run, name="alb-access-log", daemon=True).start()

    def look(self, front: Front, states: Mapping[str, States]) -> None:
        """Count hosts once a minute and when they change, and hand everything over once a second."""
        self.front = front
        found = list(hosts(front, states))
        if found != self._hosts or monotonic() - self._counted >= _MINUTE:
            self._hosts, self._counted = found, monotonic()
            self._add(found)
        self._metrics.flush()

    def close(self) -> None:
        # Wakes the thread, which closing alone would not.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _add(self, found: Iterable[Counted]) -> None:
        for metric, value in found:
            self._metrics.add(metric, value)

    def _run(self) -> None:
        with suppress(OSError):
            while line := self._socket.recv(_LINE):
                self._add(counted(line.decode(errors="replace"), self.front))
