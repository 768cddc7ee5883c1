"""Facts about health checks."""

import pytest

from pipeline.local.alb.health_state import FAILED, PASSED, TIMEOUT, CheckHistory, matches, observe
from pipeline.local.alb.load_balancer_config import TargetHealthCheck
from pipeline.local.target_health import TargetHealthState

CHECK = TargetHealthCheck(healthy=3, unhealthy=2)


def after(*outcomes):
    track = CheckHistory()
    for outcome in outcomes:
        track = observe(track, CHECK, outcome)
    return track.state


def test_a_new_target_serves_after_one_passed_check():
    assert after(PASSED).state is TargetHealthState.HEALTHY


def test_a_new_target_fails_after_as_many_checks_as_the_threshold_says():
    assert after(FAILED).state is TargetHealthState.INITIAL
    assert after(FAILED, TIMEOUT).state is TargetHealthState.UNHEALTHY
    assert after(FAILED, PASSED).state is TargetHealthState.HEALTHY


def test_one_failed_check_in_a_row_harms_no_healthy_target():
    assert after(PASSED, FAILED, PASSED, FAILED).state is TargetHealthState.HEALTHY
    assert after(PASSED, FAILED, FAILED).state is TargetHealthState.UNHEALTHY


def test_a_failed_target_must_pass_as_often_as_the_threshold_says():
    failed = (FAILED, FAILED)
    assert after(*failed, PASSED, PASSED).state is TargetHealthState.UNHEALTHY
    assert after(*failed, PASSED, PASSED, FAILED, PASSED, PASSED).state is TargetHealthState.UNHEALTHY
    assert after(*failed, PASSED, PASSED, PASSED).state is TargetHealthState.HEALTHY


def test_the_last_failure_is_the_reason():
    assert after(FAILED, FAILED, PASSED, TIMEOUT).reason == TIMEOUT


@pytest.mark.parametrize(
    ("matcher", "status", "fits"),
    [("200", 200, True), ("200", 201, False), ("200,204", 204, True), ("200-299, 404", 404, True)],
)
def test_a_matcher_names_codes_and_ranges(matcher, status, fits):
    assert matches(matcher, status) == fits
