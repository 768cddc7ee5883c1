"""A registered target does not stay `initial`: each check ends, and its outcome counts."""

import socket
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from pipeline.local.alb.health_checker import HealthChecker, check_target
from pipeline.local.alb.health_state import TIMEOUT
from pipeline.local.alb.load_balancer_config import (
    Forward,
    LoadBalancerConfig,
    Rule,
    TargetGroup,
    TargetHealthCheck,
    WeightedTargetGroup,
)
from pipeline.local.target_health import TargetHealth, TargetHealthState
from tests.support.waiting import until

pytestmark = pytest.mark.slow

ARN = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/g/1"


@contextmanager
def target(answer):
    """A server that lets `answer` write to each connection; its address."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            Thread(target=answer, args=(connection,), daemon=True).start()

    Thread(target=serve, daemon=True).start()
    try:
        yield server.getsockname()
    finally:
        server.close()


def well(connection):
    connection.recv(1 << 16)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    connection.close()


def drip(connection):
    """One byte at a time: each is within the socket's timeout."""
    try:
        while True:
            connection.sendall(b"H")
            sleep(0.05)
    except OSError:
        connection.close()


def group(address, **check):
    return TargetGroup(ARN, targets=(address,), check=TargetHealthCheck(unhealthy=2, interval=0, **check))


def watched(checked, health, **clock):
    rule = Rule(Forward((WeightedTargetGroup(ARN, 1),)))
    checker = HealthChecker(health, Path("/nowhere"), **clock)

    def state():
        checker.reconcile(LoadBalancerConfig((rule,), (checked,)))
        return health.get(ARN, checked.targets[0])

    return checker, state


@pytest.mark.parametrize(
    "check", [{"path": "/ü"}, {"path": "/a b"}, {"matcher": "2xx"}, {"matcher": ""}, {"port": "x"}]
)
def test_a_check_that_cannot_be_done_makes_a_target_unhealthy_and_says_so(check, capsys):
    with target(well) as address:
        checker, state = watched(group(address, **check), TargetHealth())
        until(lambda: state().state is TargetHealthState.UNHEALTHY, 5)
        checker.close()
    assert state().reason
    if check != {"path": "/a b"}:  # http.client's own error: an ordinary failure
        assert state().reason == "Elb.InternalError"
        assert capsys.readouterr().err.count("the health check of 127.0.0.1 in tg_g_1 fails: ") == 1


def test_a_check_that_can_be_done_makes_a_target_healthy():
    with target(well) as address:
        checker, state = watched(group(address, matcher="200-299"), TargetHealth())
        until(lambda: state().state is TargetHealthState.HEALTHY, 5)
        checker.close()


def test_a_target_that_answers_a_byte_at_a_time_times_out():
    with target(drip) as address:
        assert check_target(group(address, timeout=1), address, Path("/nowhere")) == TIMEOUT


def counting(passes):
    """A health check that fails, until `passes` is set, and the times at which it was asked."""
    asked = []

    def answer(connection):
        asked.append(monotonic())
        connection.recv(1 << 16)
        status = b"200 OK" if passes.is_set() else b"503 Busy"
        connection.sendall(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % status)
        connection.close()

    return answer, asked


def test_a_new_target_that_was_not_ready_at_the_first_check_does_not_wait_for_an_interval():
    """A container is registered before its server listens."""
    passes, health = Event(), TargetHealth()
    answer, asked = counting(passes)
    with target(answer) as address:
        checked = replace(group(address), check=TargetHealthCheck(unhealthy=2, interval=300))
        checker, state = watched(checked, health)
        until(lambda: (state(), asked)[1], 5)
        passes.set()
        until(lambda: state().state is TargetHealthState.HEALTHY, 5)
        checker.close()


def test_the_early_checks_of_a_new_target_make_it_unhealthy_no_sooner():
    now = [0.0]
    answer, asked = counting(Event())
    with target(answer) as address:
        checked = replace(group(address), check=TargetHealthCheck(unhealthy=2, interval=30))
        checker, state = watched(checked, TargetHealth(), clock=lambda: now[0])

        def check_at(second):
            now[0], before = second, len(asked)
            until(lambda: (state(), len(asked) > before)[1], 5)
            sleep(0.02)  # until the outcome is counted
            return state().state

        assert [check_at(second) for second in (0.0, 1.0, 2.0, 29.0)] == [TargetHealthState.INITIAL] * 4
        check_at(30.0)
        until(lambda: state().state is TargetHealthState.UNHEALTHY, 5)
        checker.close()


def test_a_target_that_was_checked_well_is_asked_by_its_interval_only():
    now, passes = [0.0], Event()
    passes.set()
    answer, asked = counting(passes)
    with target(answer) as address:
        checked = replace(group(address), check=TargetHealthCheck(unhealthy=2, interval=30))
        checker, state = watched(checked, TargetHealth(), clock=lambda: now[0])
        until(lambda: state().state is TargetHealthState.HEALTHY, 5)
        for now[0] in (1.0, 15.0, 29.0):
            state()
        sleep(0.1)
        assert len(asked) == 1
        now[0] = 30.0
        until(lambda: (state(), len(asked) == 2)[1], 5)
        checker.close()
