"""Facts about target health."""

import pytest

from pipeline.local.target_health import UNKNOWN, TargetHealth, TargetHealthState, TargetState

GROUP, TARGET = "arn:group", ("10.0.0.2", 8080)


def test_an_unheard_of_target_is_initial():
    assert TargetHealth().get(GROUP, TARGET) == UNKNOWN


def test_the_last_state_counts():
    health = TargetHealth()
    health.set(GROUP, TARGET, "healthy")
    health.set(GROUP, TARGET, TargetHealthState.UNHEALTHY, "Target.FailedHealthChecks")
    assert health.get(GROUP, TARGET) == TargetState(TargetHealthState.UNHEALTHY, "Target.FailedHealthChecks")
    assert health.of(GROUP) == {TARGET: health.get(GROUP, TARGET)}


def test_a_forgotten_target_is_initial_again():
    health = TargetHealth()
    health.set(GROUP, TARGET, "draining")
    health.forget(GROUP, TARGET)
    assert health.get(GROUP, TARGET) == UNKNOWN


def test_a_word_that_elbv2_does_not_know_is_refused():
    with pytest.raises(ValueError, match="well"):
        TargetHealth().set(GROUP, TARGET, "well")
