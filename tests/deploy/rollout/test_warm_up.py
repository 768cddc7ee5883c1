"""A version has its instances before it has the traffic, on the way forward and on the way back."""

from datetime import UTC, datetime

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Source
from pipeline.deploy.manifest import Release, Weights
from pipeline.deploy.release import release
from pipeline.deploy.rollback import rollback
from pipeline.deploy.rollout.warm_up import instances
from pipeline.local.moto import InvokeResponse, throttled
from tests.support.aws_access import aws
from tests.support.example_releases import image
from tests.support.stage import FUNCTION
from tests.support.stage_session import StageSession


@pytest.mark.parametrize(
    ("used", "reserved", "expected"),
    [(0, 10, 5), (1, 10, 5), (4, 20, 8), (8, 10, 2), (10, 10, 1), (1, 1, 1), (0, 3, 3), (400, 1000, 50)],
)
def test_it_warms_twice_what_is_used_and_no_more_than_is_free(
    used: int, reserved: int, expected: int
) -> None:
    assert instances(used, reserved) == expected


def invocations_before_steps(session: StageSession) -> list[tuple[int, Weights]]:
    """(invocations so far, weights) of each apply from here on."""
    session.stage.probed.clear()
    seen: list[tuple[int, Weights]] = []

    def before_apply(_: Release, weights: Weights) -> None:
        seen.append((len(session.stage.probed), weights))

    session.played.before_apply = before_apply
    return seen


def used_at_once(count: int) -> None:
    aws().client("cloudwatch").put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {
                "MetricName": "ConcurrentExecutions",
                "Dimensions": [{"Name": "FunctionName", "Value": FUNCTION}],
                "Value": count,
                "Timestamp": datetime.now(UTC),
            }
        ],
    )


def test_a_release_warms_before_each_step(session: StageSession) -> None:
    release(session, "first")
    used_at_once(3)
    seen = invocations_before_steps(session)
    session.played.heads[Source.API] = "2"
    release(session, "push to api")
    invoked = [count for count, _ in seen]
    assert [weights for _, weights in seen] == [Weights("1", 0), Weights("1", 10), Weights()]
    assert invoked[1] == 1 + 6, "one probe, and twice the three that were used at once"
    assert invoked[2] >= invoked[1] + 6, "again: some of the instances may be gone"


def test_a_rollback_warms_as_well(session: StageSession) -> None:
    release(session, "first")
    session.played.heads[Source.API] = "2"
    release(session, "push to api")
    seen = invocations_before_steps(session)
    rollback(session, None, "it is slow")
    assert [weights for _, weights in seen] == [Weights("2", 0), Weights("2", 10), Weights()]
    assert [count for count, _ in seen][1] == 1 + 5


def test_without_a_canary_the_traffic_still_waits_for_the_instances(session: StageSession) -> None:
    settings = session.project.settings
    api = settings.api.model_copy(update={"canary": (100,)})
    object.__setattr__(session.project, "settings", settings.model_copy(update={"api": api}))
    release(session, "first")
    seen = invocations_before_steps(session)
    session.played.heads[Source.API] = "2"
    release(session, "push to api")
    assert seen == [(0, Weights("1", 0)), (6, Weights())]


@pytest.mark.slow
def test_an_alarm_of_what_is_replaced_does_not_stop_the_way_back(session: StageSession) -> None:
    release(session, "first")
    session.played.heads[Source.API] = "2"
    release(session, "push to api")
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

    def ring(_: Release, weights: Weights) -> None:
        if weights.canary_percent == 10:
            cloudwatch.set_alarm_state(
                AlarmName="shop-dev-api-errors", StateValue="ALARM", StateReason="the version before"
            )

    session.played.before_apply = ring
    assert rollback(session, None, "it fails").restores == 1


def test_throttled_warming_is_no_failure(session: StageSession, monkeypatch: pytest.MonkeyPatch) -> None:
    release(session, "first")
    monkeypatch.setattr("time.sleep", lambda _: None)  # between the attempts
    session.played.heads[Source.API] = "2"
    after_the_probe(session, throttled())

    def calm(_: Release, weights: Weights) -> None:
        if weights == Weights("1", 10):
            session.stage.after_invocation = lambda: None
            session.stage.answers.clear()

    session.played.before_apply = calm
    assert release(session, "push to api").is_new


def test_a_version_that_crashes_while_it_warms_gets_no_traffic(session: StageSession) -> None:
    release(session, "first")
    session.played.heads[Source.API] = "2"
    after_the_probe(session, InvokeResponse(b'{"errorMessage": "out of memory"}', error="Unhandled"))
    with pytest.raises(TandemError, match="out of memory"):
        release(session, "push to api")
    assert [weights for number, weights in session.played.applied if number == 2] == [Weights("1", 0)]


def after_the_probe(session: StageSession, response: InvokeResponse) -> None:
    """Let every invocation of the new version but the first give this response."""
    session.stage.after_invocation = lambda: session.stage.answers.update({str(image("api", "2")): response})
