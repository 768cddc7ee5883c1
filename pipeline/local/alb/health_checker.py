"""Run the target groups' health checks, and write the targets' states into `TargetHealth`."""

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock, Timer

from pipeline.core import console
from pipeline.local.alb import health_state
from pipeline.local.alb.haproxy_config import GROUP_HEADER
from pipeline.local.alb.health_state import CheckHistory
from pipeline.local.alb.load_balancer_config import LoadBalancerConfig, TargetGroup, TargetHealthCheck
from pipeline.local.alb.server_slots import States
from pipeline.local.alb.sockets import connect
from pipeline.local.target_health import Address, TargetHealth, TargetHealthState, TargetState

_AGENT = "ELB-HealthChecker/2.0"
_AT_ONCE = 8
_NEW_EVERY = 0.25
"""Seconds between checks of a new target. Each node of a load balancer checks it at a time of its own."""
_UNUSED = TargetState(TargetHealthState.UNUSED, "Target.NotInUse")
_DISABLED = TargetState(TargetHealthState.UNAVAILABLE, "Target.HealthCheckDisabled")
_DRAINING = TargetState(TargetHealthState.DRAINING, "Target.DeregistrationInProgress")

Key = tuple[str, Address]


@dataclass
class _CheckedTarget:
    history: CheckHistory = field(default_factory=CheckHistory)
    next_check: float = 0.0
    next_failure: float = 0.0
    """Failures before this time do not count: the interval is not over."""
    in_check: bool = False
    drained_at: float = 0.0
    """End of the deregistration delay; 0 while the target is registered."""


class HealthChecker:
    """Checks all registered targets; `reconcile` starts the checks that are due and waits for none."""

    def __init__(
        self, health: TargetHealth, gateway: Path, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._health = health
        self._gateway = gateway
        self._clock = clock
        self._targets: dict[Key, _CheckedTarget] = {}
        self._problems: dict[Key, str] = {}
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(_AT_ONCE, "health-check")

    def reconcile(self, config: LoadBalancerConfig) -> None:
        """Start the checks that are due, and drain the targets that are deregistered."""
        group_of = {(group.arn, target): group for group in config.groups for target in group.targets}
        groups = {group.arn: group for group in config.groups}
        with self._lock:
            for key, group in group_of.items():
                self._check_if_due(key, group, used=group.arn in config.used)
            for key in self._targets.keys() - group_of.keys():
                self._drain(key, groups.get(key[0]))

    def states(self) -> dict[str, States]:
        """The states of all registered targets, by target group ARN."""
        out: dict[str, dict[Address, TargetState]] = {}
        with self._lock:
            for (arn, address), target in self._targets.items():
                if not target.drained_at:
                    out.setdefault(arn, {})[address] = target.history.state
        return dict(out)

    def draining(self) -> set[Key]:
        """The target group's ARN and the address of each target that is deregistered and not drained yet."""
        with self._lock:
            return {key for key, target in self._targets.items() if target.drained_at}

    def end_drain(self, keys: Iterable[Key]) -> None:
        """Forget draining targets before their delay is over: the load balancer has no request for them."""
        with self._lock:
            for key in keys:
                if key in self._targets and self._targets[key].drained_at:
                    self._forget(key)

    def close(self) -> None:
        """Start no more checks."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _check_if_due(self, key: Key, group: TargetGroup, *, used: bool) -> None:
        target = self._targets.get(key)
        if target is None or target.drained_at:
            target = self._targets[key] = _CheckedTarget()
            self._set_state(key, target, target.history.state)
        if not used or not group.check.enabled:
            self._set_state(key, target, _DISABLED if used else _UNUSED)
        elif not target.in_check and self._clock() >= target.next_check:
            if target.history.state in {_UNUSED, _DISABLED}:
                self._set_state(key, target, CheckHistory().state)
            target.in_check, now = True, self._clock()
            target.next_check = now + _pause(target, group)
            self._pool.submit(self._check, key, target, group, now)

    def _drain(self, key: Key, group: TargetGroup | None) -> None:
        target = self._targets[key]
        if not target.drained_at:
            target.drained_at = self._clock() + (group.drain_seconds if group else 0)
            self._set_state(key, target, _DRAINING)
        elif self._clock() >= target.drained_at:
            self._forget(key)

    def _forget(self, key: Key) -> None:
        del self._targets[key]
        self._problems.pop(key, None)
        self._health.forget(*key)

    def _set_state(self, key: Key, target: _CheckedTarget, state: TargetState) -> None:
        target.history = CheckHistory(state)
        self._health.set(*key, state.state, state.reason)

    def _check(self, key: Key, target: _CheckedTarget, group: TargetGroup, began: float) -> None:
        outcome = self._outcome(key, group)
        with self._lock:
            target.in_check = False
            if target.drained_at or self._targets.get(key) is not target:
                return
            if outcome != health_state.PASSED:
                if began < target.next_failure:
                    return
                target.next_failure = began + group.check.interval
            target.history = health_state.observe(target.history, group.check, outcome)
            target.next_check = began + _pause(target, group)
            self._health.set(*key, target.history.state.state, target.history.state.reason)

    def _outcome(self, key: Key, group: TargetGroup) -> str:
        """The outcome of one check; what was not foreseen is a failed check too, and is logged once."""
        try:
            outcome, problem = check_target(group, key[1], self._gateway), ""
        except Exception as error:  # noqa: BLE001 - the target would stay `initial`, and nobody would know why
            outcome, problem = health_state.INTERNAL, repr(error)
        if problem and self._problems.get(key) != problem:
            console.info(f"load balancer: the health check of {key[1][0]} in {group.name} fails: {problem}")
        self._problems[key] = problem
        return outcome


def _pause(target: _CheckedTarget, group: TargetGroup) -> float:
    """Seconds until the target's next check."""
    is_new = target.history.state.state is TargetHealthState.INITIAL
    return min(_NEW_EVERY, group.check.interval) if is_new else group.check.interval


def check_target(group: TargetGroup, target: Address, gateway: Path) -> str:
    """Check one target once; `PASSED` or the reason code of the failure.

    The timeout is for the whole answer: a socket's own timeout starts again with each byte.
    """
    check = group.check
    connection = _connection(group, target, gateway)
    deadline = time.monotonic() + check.timeout
    timer = Timer(check.timeout, partial(_abort, connection))
    timer.start()
    try:
        connection.putrequest("GET", check.path, skip_host=group.is_lambda, skip_accept_encoding=True)
        if group.is_lambda:
            connection.putheader(GROUP_HEADER, group.arn)
        connection.putheader("User-Agent", _AGENT)
        connection.endheaders()
        status = connection.getresponse().status
    except TimeoutError:
        return health_state.TIMEOUT
    except (OSError, http.client.HTTPException):
        return health_state.TIMEOUT if time.monotonic() >= deadline else health_state.FAILED
    finally:
        timer.cancel()
        connection.close()
    return health_state.PASSED if health_state.matches(check.matcher, status) else health_state.MISMATCH


def _abort(connection: http.client.HTTPConnection) -> None:
    with suppress(OSError, AttributeError):  # not connected yet, or closed already
        connection.sock.shutdown(socket.SHUT_RDWR)


def _connection(group: TargetGroup, target: Address, gateway: Path) -> http.client.HTTPConnection:
    check = group.check
    if group.is_lambda:
        return _FunctionConnection(gateway, check.timeout)
    port = _port(check, target)
    if check.protocol == "HTTPS":
        # A load balancer does not verify its targets' certificates.
        unverified = ssl._create_unverified_context()  # noqa: S323, SLF001
        return http.client.HTTPSConnection(target[0], port, timeout=check.timeout, context=unverified)
    return http.client.HTTPConnection(target[0], port, timeout=check.timeout)


def _port(check: TargetHealthCheck, target: Address) -> int:
    return target[1] if check.port == "traffic-port" else int(check.port)


class _FunctionConnection(http.client.HTTPConnection):
    """An HTTP connection to the function gateway's socket."""

    def __init__(self, path: Path, timeout: int) -> None:
        super().__init__("function", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = connect(self._path, socket.SOCK_STREAM, float(self.timeout or 0))
