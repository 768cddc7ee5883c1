"""Run the health checks that target groups ask for, and write down what they find."""

import http.client
import socket
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from pipeline.local.alb import health_state as checks
from pipeline.local.alb.haproxy_config import GROUP_HEADER
from pipeline.local.alb.health_state import Track
from pipeline.local.alb.load_balancer_config import Front, HealthCheck, TargetGroup
from pipeline.local.alb.server_slots import States
from pipeline.local.alb.sockets import connect
from pipeline.local.target_health import Address, TargetHealth, TargetHealthState, TargetState

_AGENT = "ELB-HealthChecker/2.0"
_AT_ONCE = 8
_UNUSED = TargetState(TargetHealthState.UNUSED, "Target.NotInUse")
_DISABLED = TargetState(TargetHealthState.UNAVAILABLE, "Target.HealthCheckDisabled")
_DRAINING = TargetState(TargetHealthState.DRAINING, "Target.DeregistrationInProgress")

Key = tuple[str, Address]


@dataclass
class _Watched:
    track: Track = field(default_factory=Track)
    due: float = 0.0
    busy: bool = False
    gone: float = 0.0
    """Deregistered: forgotten at that time."""


class Checker:
    """Health of all targets of one front; `reconcile` starts what is due and never waits for it."""

    def __init__(
        self, health: TargetHealth, gateway: Path, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._health = health
        self._gateway = gateway
        self._clock = clock
        self._watched: dict[Key, _Watched] = {}
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(_AT_ONCE, "health-check")

    def reconcile(self, front: Front) -> None:
        registered = {(group.arn, target): group for group in front.groups for target in group.targets}
        groups = {group.arn: group for group in front.groups}
        with self._lock:
            for key, group in registered.items():
                self._look(key, group, used=group.arn in front.used)
            for key in self._watched.keys() - registered.keys():
                self._leave(key, groups.get(key[0]))

    def states(self) -> dict[str, States]:
        """By target group; those of registered targets only."""
        out: dict[str, dict[Address, TargetState]] = {}
        with self._lock:
            for (arn, target), watched in self._watched.items():
                if not watched.gone:
                    out.setdefault(arn, {})[target] = watched.track.state
        return dict(out)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _look(self, key: Key, group: TargetGroup, *, used: bool) -> None:
        watched = self._watched.get(key)
        if watched is None or watched.gone:
            watched = self._watched[key] = _Watched()
            self._put(key, watched, watched.track.state)
        if not used or not group.check.enabled:
            self._put(key, watched, _DISABLED if used else _UNUSED)
        elif not watched.busy and self._clock() >= watched.due:
            if watched.track.state in {_UNUSED, _DISABLED}:
                self._put(key, watched, Track().state)
            watched.busy, watched.due = True, self._clock() + group.check.interval
            self._pool.submit(self._check, key, watched, group)

    def _leave(self, key: Key, group: TargetGroup | None) -> None:
        watched = self._watched[key]
        if not watched.gone:
            watched.gone = self._clock() + (group.drain_seconds if group else 0)
            self._put(key, watched, _DRAINING)
        elif self._clock() >= watched.gone:
            del self._watched[key]
            self._health.forget(*key)

    def _put(self, key: Key, watched: _Watched, state: TargetState) -> None:
        watched.track = Track(state)
        self._health.set(*key, state.state, state.reason)

    def _check(self, key: Key, watched: _Watched, group: TargetGroup) -> None:
        outcome = probe(group, key[1], self._gateway)
        with self._lock:
            watched.busy = False
            if watched.gone or self._watched.get(key) is not watched:
                return
            watched.track = checks.observe(watched.track, group.check, outcome)
            self._health.set(*key, watched.track.state.state, watched.track.state.reason)


def probe(group: TargetGroup, target: Address, gateway: Path) -> str:
    """Check once; `PASSED` or the reason why not."""
    check = group.check
    connection = _connection(group, target, gateway)
    try:
        connection.putrequest("GET", check.path, skip_host=group.is_lambda, skip_accept_encoding=True)
        if group.is_lambda:
            connection.putheader(GROUP_HEADER, group.arn)
        connection.putheader("User-Agent", _AGENT)
        connection.endheaders()
        status = connection.getresponse().status
    except TimeoutError:
        return checks.TIMEOUT
    except (OSError, http.client.HTTPException):
        return checks.FAILED
    finally:
        connection.close()
    return checks.PASSED if checks.matches(check.matcher, status) else checks.MISMATCH


def _connection(group: TargetGroup, target: Address, gateway: Path) -> http.client.HTTPConnection:
    check = group.check
    if group.is_lambda:
        return _Gateway(gateway, check.timeout)
    port = _port(check, target)
    if check.protocol == "HTTPS":
        # A load balancer does not verify its targets' certificates.
        unverified = ssl._create_unverified_context()  # noqa: S323, SLF001
        return http.client.HTTPSConnection(target[0], port, timeout=check.timeout, context=unverified)
    return http.client.HTTPConnection(target[0], port, timeout=check.timeout)


def _port(check: HealthCheck, target: Address) -> int:
    return target[1] if check.port == "traffic-port" else int(check.port)


class _Gateway(http.client.HTTPConnection):
    """A connection to the function gateway's socket."""

    def __init__(self, path: Path, timeout: int) -> None:
        super().__init__("function", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = connect(self._path, socket.SOCK_STREAM, float(self.timeout or 0))
