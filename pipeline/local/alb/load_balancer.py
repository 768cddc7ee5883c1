"""Keep HAProxy's configuration equal to what the control plane's ELBv2 describes."""

from dataclasses import replace
from threading import Event, Thread

from docker.errors import DockerException
from requests.exceptions import RequestException

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.local.alb import haproxy_config, moto_elbv2
from pipeline.local.alb.access_log import AccessLog
from pipeline.local.alb.haproxy import ConfigRefusedError, HAProxy
from pipeline.local.alb.health_checker import HealthChecker
from pipeline.local.alb.load_balancer_config import LoadBalancerConfig
from pipeline.local.alb.server_slots import (
    GroupSlots,
    States,
    assign_slots,
    drained_targets,
    slot_commands,
)
from pipeline.local.alb.sockets import FUNCTIONS, LOG
from pipeline.local.context import StackContext
from pipeline.local.metric_buffer import MetricBuffer

_TURN = 1.0
_DRAIN_TURN = 0.1


class LoadBalancer:
    """The stack's load balancer."""

    def __init__(self, context: StackContext, haproxy: HAProxy | None = None) -> None:
        self._problems: dict[str, str] = {}
        self._context = context
        self._haproxy = haproxy or HAProxy(context)
        self._access_log = AccessLog(
            self._haproxy.folder / LOG, MetricBuffer(context.account, context.region)
        )
        self._checker = HealthChecker(context.health, self._haproxy.folder / FUNCTIONS)
        self._desired: tuple[LoadBalancerConfig, dict[str, States]] = (LoadBalancerConfig(), {})
        self._config = LoadBalancerConfig()
        self._slots: GroupSlots = {}
        self._refused_text = self._refusal = ""
        self._wake, self._closed = Event(), Event()
        self._thread = Thread(target=self._run, name="load-balancer", daemon=True)
        self._thread.start()

    @property
    def problem(self) -> str:
        """Why HAProxy differs from what ELBv2 describes; empty if it does not."""
        return "; ".join(problem for problem in self._problems.values() if problem)

    def reconcile(self) -> None:
        """Read ELBv2, start the health checks that are due, and wake HAProxy's thread after a change."""
        config = self._read()
        self._checker.reconcile(config)
        desired = (config, self._checker.states())
        self._access_log.update(*desired)
        if desired != self._desired:
            self._desired = desired
            self._wake.set()

    def _read(self) -> LoadBalancerConfig:
        """ELBv2's configuration; with its earlier rules if the present ones have an unsupported part."""
        scope = self._context.account, self._context.region
        try:
            config = moto_elbv2.read_config(*scope)
        except TandemError as error:
            self._report("reading", str(error))
            return replace(self._desired[0], groups=moto_elbv2.read_target_groups(*scope))
        self._report("reading", "")
        return config

    def close(self) -> None:
        """End the threads. HAProxy keeps running until `tandem down`, or until a new process adopts it."""
        self._closed.set()
        self._wake.set()
        self._thread.join(timeout=5)
        self._checker.close()
        self._access_log.close()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._wake.clear()
            try:
                self._apply()
                self._report("applying", self._refusal)
            except (TandemError, DockerException, RequestException, OSError) as error:
                self._report("applying", str(error))
            self._wake.wait(_DRAIN_TURN if self._checker.draining() else _TURN)

    def _apply(self) -> None:
        unknown = self._haproxy.ensure(self._current_text)
        config, states = self._desired
        slots = assign_slots(config, {} if unknown else self._slots, states)
        text = haproxy_config.text(config, slots, self._haproxy.port)
        if not unknown and text == self._current_text():
            self._refused_text = self._refusal = ""
        elif text != self._refused_text:
            self._configure(config, slots, text, unknown=unknown)
            self._config, self._slots = config, slots
            self._refused_text = self._refusal = ""
        self._haproxy.end_idle_workers()
        self._end_drains()

    def _end_drains(self) -> None:
        """Complete the deregistration of targets without requests, before their delay is over, as ELBv2 does.

        ELBv2 still shows them as draining until then, and ECS waits for that; here nothing would be gained.
        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
        """
        draining = self._checker.draining()
        requests = self._haproxy.requests_in_progress() if draining else None
        if requests is not None:
            self._checker.end_drain(drained_targets(self._config, self._slots, draining, requests))

    def _current_text(self) -> str:
        return haproxy_config.text(self._config, self._slots, self._haproxy.port)

    def _configure(self, config: LoadBalancerConfig, slots: GroupSlots, text: str, *, unknown: bool) -> None:
        same_slots = haproxy_config.text(config, self._slots, self._haproxy.port)
        only_slots = not unknown and same_slots == self._current_text()
        lines = slot_commands(config, self._slots, slots) if only_slots else None
        try:
            if lines is not None and self._haproxy.run_commands(lines):
                self._haproxy.save_config(text)
            else:
                self._haproxy.load(text)
        except ConfigRefusedError as error:
            self._refused_text, self._refusal = text, str(error)
            raise

    def _report(self, activity: str, problem: str) -> None:
        """Log each problem once, and its end."""
        if problem != self._problems.get(activity, ""):
            console.info(f"load balancer: {problem or 'configured as ELBv2 describes again'}")
        self._problems[activity] = problem
