"""The API's traffic moves only to a version that does well; tasks and API are one release."""

import json
from dataclasses import replace
from typing import Any

import pytest

from pipeline.core.errors import TandemError
from pipeline.deploy.manifest import Release, Weights
from pipeline.deploy.release import run_steps
from pipeline.deploy.rollout import ApplyWeights, Pace, Rollout
from pipeline.local.moto import InvokeResponse, throttled
from tests.support.aws_access import aws
from tests.support.example_releases import make_release
from tests.support.stage import FUNCTION, Stage

GRADUAL = Pace((10, 50, 100), seconds=0)
CRASH = InvokeResponse(b'{"errorType": "ImportError", "errorMessage": "no module main"}', error="Unhandled")
REFUSAL = InvokeResponse(b'{"statusCode": 503}')


def put(
    stage: Stage, release: Release, pace: Pace = GRADUAL, apply: ApplyWeights | None = None, **more: Any
) -> None:
    """Put the release into effect; the stage plays Terraform unless `apply` does."""
    by_stage: ApplyWeights = lambda weights: stage.apply(release, weights)  # noqa: E731 - a default
    run_steps(
        Rollout(
            aws(), stage.platform, release, apply or by_stage, pace, pause=lambda _: None, every=0, **more
        )
    )


def test_the_first_release_gets_all_the_traffic_at_once(stage: Stage) -> None:
    put(stage, make_release("a"))
    assert [weights for _, weights in stage.applied] == [Weights(None, 100)]
    assert stage.alias() == ("1", {})


def test_traffic_moves_step_by_step(stage: Stage) -> None:
    put(stage, make_release("a"))
    stage.applied.clear()
    put(stage, make_release("b"))
    assert [weights for _, weights in stage.applied] == [
        *(Weights("1", percent) for percent in (0, 10, 50)),
        Weights(None, 100),
    ]
    assert stage.alias() == ("2", {})
    assert "2" in stage.probed


def test_a_version_that_crashes_never_gets_traffic(stage: Stage) -> None:
    put(stage, make_release("a"))
    bad = make_release("b")
    stage.answers[str(bad.api.image)] = CRASH
    with pytest.raises(TandemError, match="ImportError: no module main"):
        put(stage, bad)
    assert stage.alias() == ("1", {})


def test_a_version_whose_answer_no_load_balancer_takes_never_gets_traffic(stage: Stage) -> None:
    put(stage, make_release("a"))
    bad = make_release("b")
    padded = json.dumps({"statusCode": 200, "body": "x" * (1 << 20)}).encode()
    stage.answers[str(bad.api.image)] = InvokeResponse(padded)
    with pytest.raises(TandemError, match="too large for a load balancer"):
        put(stage, bad)
    assert stage.alias() == ("1", {})


def test_a_version_that_goes_bad_under_traffic_loses_it(stage: Stage) -> None:
    put(stage, make_release("a"))
    bad = make_release("b")

    def apply(weights: Weights) -> Any:
        if weights.canary_percent == 50:
            stage.answers[str(bad.api.image)] = REFUSAL
        return stage.apply(bad, weights)

    with pytest.raises(TandemError, match=r"answers 503; it had 50 % .* has none now"):
        put(stage, bad, apply=apply)
    assert stage.alias() == ("1", {})


def test_an_alarm_that_begins_to_ring_takes_the_traffic_back(stage: Stage) -> None:
    put(stage, make_release("a"))
    cloudwatch = aws().client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="shop-dev-api-errors",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="Errors",
        Namespace="AWS/Lambda",
        Period=60,
        Statistic="Sum",
        Threshold=1,
    )
    bad = make_release("b")

    def apply(weights: Weights) -> Any:
        if weights.canary_percent == 10:
            cloudwatch.set_alarm_state(
                AlarmName="shop-dev-api-errors", StateValue="ALARM", StateReason="test"
            )
        return stage.apply(bad, weights)

    with pytest.raises(TandemError, match=r"in state ALARM .* shop-dev-api-errors"):
        put(stage, bad, apply=apply)
    assert stage.alias() == ("1", {})


def test_failed_invocations_take_the_traffic_back(stage: Stage) -> None:
    put(stage, make_release("a"))
    bad = make_release("b")

    def apply(weights: Weights) -> Any:
        if weights.canary_percent == 10:
            dimensions: Any = [
                {"Name": "FunctionName", "Value": FUNCTION},
                {"Name": "Resource", "Value": f"{FUNCTION}:live"},
                {"Name": "ExecutedVersion", "Value": "2"},
            ]
            aws().client("cloudwatch").put_metric_data(
                Namespace="AWS/Lambda",
                MetricData=[
                    {"MetricName": "Invocations", "Dimensions": dimensions, "Value": 10},
                    {"MetricName": "Errors", "Dimensions": dimensions, "Value": 2},
                ],
            )
        return stage.apply(bad, weights)

    with pytest.raises(TandemError, match="fails 20% of its invocations"):
        put(stage, bad, apply=apply)


def test_tasks_that_fail_keep_the_api_on_its_old_version(stage: Stage) -> None:
    """One unit: the API does not move ahead of the site."""
    put(stage, make_release("a"))
    bad = make_release("b")
    stage.breaks.add(str(bad.images["app"]))
    with pytest.raises(TandemError, match="rolled back to shop-dev:1"):
        put(stage, bad)
    assert stage.alias() == ("1", {})


def test_an_interrupted_canary_is_finished_by_the_next_run(stage: Stage) -> None:
    put(stage, make_release("a"))
    new = make_release("b")
    stage.apply(new, Weights("1", 10))
    assert stage.alias() == ("1", {"2": 0.1})
    put(stage, new)
    assert stage.alias() == ("2", {})


def test_a_release_of_the_same_api_keeps_its_version(stage: Stage) -> None:
    put(stage, make_release("a"))
    put(stage, replace(make_release("b"), api=make_release("a").api))
    assert stage.alias() == ("1", {})


def test_a_throttled_probe_says_nothing_about_the_version(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    release = make_release("a")
    stage.answers[str(release.api.image)] = throttled()
    with pytest.raises(TandemError, match="TooManyRequests"):
        put(stage, release)
    stage.answers.clear()
    put(stage, release)


def test_a_lost_lock_stops_before_the_next_change(stage: Stage) -> None:
    def lost() -> None:
        raise TandemError("the lock was taken by another run")

    with pytest.raises(TandemError, match="lock was taken"):
        put(stage, make_release("a"), check=lost)
    assert stage.applied == []


@pytest.mark.slow
@pytest.mark.parametrize("looks", [0, 1, 2])
def test_a_run_that_loses_the_lock_during_the_canary_stops_before_the_next_probe(
    stage: Stage, looks: int
) -> None:
    """Another run decides about the traffic then: this one neither probes nor moves it back."""
    put(stage, make_release("a"))
    new, pauses = make_release("b"), []
    is_lost = False

    def apply(weights: Weights) -> Any:
        nonlocal is_lost
        applied = stage.apply(new, weights)
        is_lost = weights.canary_percent == 10 and looks == 0
        stage.probed.clear()
        return applied

    def pause(seconds: float) -> None:
        nonlocal is_lost
        pauses.append(seconds)
        is_lost = len(pauses) == looks

    def check() -> None:
        if is_lost:
            raise TandemError("the lock was taken by another run")

    rollout = Rollout(
        aws(), stage.platform, new, apply, Pace((10, 100), seconds=60), check=check, pause=pause, every=0
    )
    with pytest.raises(TandemError, match="lock was taken"):
        run_steps(rollout)
    assert stage.alias() == ("1", {"2": 0.1})
    assert stage.probed == ["2"] * looks
    assert pauses == [2.0] * looks, "thirty probes in these 60 s"


def test_a_run_that_lost_the_lock_moves_no_traffic_back(stage: Stage) -> None:
    """It loses the lock while the version fails: another run decides about the traffic then."""
    put(stage, make_release("a"))
    bad, is_lost = make_release("b"), []

    def apply(weights: Weights) -> Any:
        if weights.canary_percent == 10:
            stage.answers[str(bad.api.image)] = REFUSAL
            stage.after_invocation = lambda: is_lost.append(True)
        return stage.apply(bad, weights)

    def check() -> None:
        if is_lost:
            raise TandemError("the lock was taken by another run")

    with pytest.raises(TandemError, match="lock was taken"):
        put(stage, bad, apply=apply, check=check)
    assert stage.alias() == ("1", {"2": 0.1})


def test_an_error_that_nobody_expected_takes_the_traffic_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(stage, make_release("a"))

    def fail(*_: object) -> None:
        raise RuntimeError("nobody expected this")

    monkeypatch.setattr("pipeline.deploy.rollout.canary.require_few_errors", fail)
    with pytest.raises(RuntimeError, match="nobody expected this"):
        put(stage, make_release("b"))
    assert stage.alias() == ("1", {})
