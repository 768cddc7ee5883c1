"""New tasks that are healthy and fail their visitors are found by the load balancer's own counts."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipeline.aws.ecs import ServiceSnapshot, Task
from pipeline.core.errors import TandemError
from pipeline.deploy.rollout import ended_tasks
from pipeline.deploy.rollout.bake import BakeMonitor, RequestCounts
from pipeline.deploy.rollout.ended_tasks import EndedTasks
from tests.support.aws_access import aws
from tests.support.example_releases import PLATFORM, make_release

pytestmark = pytest.mark.usefixtures("cloud")

PLACE = PLATFORM.model_copy(
    update={
        "load_balancer_arn_suffix": "app/shop/1",
        "target_group_arn_suffixes": {"app": "targetgroup/app/2", "api": "targetgroup/api/3"},
    }
)


def count(requests: int, failed: int, ago: float = 0, group: str = "targetgroup/app/2") -> None:
    """So many requests, as the load balancer reports them."""
    where: Any = [
        {"Name": "LoadBalancer", "Value": "app/shop/1"},
        {"Name": "TargetGroup", "Value": group},
    ]
    when = datetime.now(UTC) - timedelta(seconds=ago)
    counted = {"RequestCount": requests, "HTTPCode_Target_5XX_Count": failed}
    data: Any = [
        {"MetricName": name, "Dimensions": where, "Timestamp": when, "Value": value}
        for name, value in counted.items()
    ]
    aws().client("cloudwatch").put_metric_data(Namespace="AWS/ApplicationELB", MetricData=data)


def bake(*happens: Any, check: Any = lambda: None, ended: Any = lambda: "") -> int:
    """Watch for 0.3 seconds while the things happen, one after the other; how many looks it took."""
    left, looks = list(happens), 0

    def pause(_: float) -> None:
        nonlocal looks
        looks += 1
        if left:
            left.pop(0)()
        else:
            time.sleep(0.05)

    BakeMonitor(aws(), PLACE, check, pause, ended).watch(
        make_release("a", created=now()), 0.3 if happens else 0
    )
    return looks


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def test_tasks_that_serve_well_are_left_alone() -> None:
    count(1000, 2, ago=120)
    assert bake(lambda: count(500, 4)) > 0


def test_tasks_that_answer_5xx_are_told_with_the_counts() -> None:
    with pytest.raises(TandemError, match=r"healthy, but answer 30 of 100 requests with 5xx \(30%\)"):
        bake(lambda: count(100, 30))


def test_what_failed_before_the_watch_does_not_count_against_it() -> None:
    """The old tasks' last minutes and the new ones' first are in one sum."""
    count(400, 15, ago=1)
    assert bake(lambda: count(100, 0)) > 0


def test_a_site_that_failed_before_is_not_judged(capsys: pytest.CaptureFixture[str]) -> None:
    """The release may be what fixes it, and late counts are those of before."""
    count(100, 60, ago=100)
    assert bake(lambda: count(100, 60)) == 0
    assert "60 of 100 requests with 5xx (60%): the new ones are not watched" in capsys.readouterr().err


def test_a_few_failures_say_nothing() -> None:
    assert bake(lambda: count(4, 4)) > 0


def test_other_target_groups_say_nothing_about_the_tasks() -> None:
    assert bake(lambda: count(100, 100, group="targetgroup/api/3")) > 0


def test_an_alarm_that_begins_to_ring_is_told() -> None:
    cloudwatch = aws().client("cloudwatch")
    for name in ("shop-dev-old", "shop-dev-5xx"):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            MetricName="HTTPCode_Target_5XX_Count",
            Namespace="AWS/ApplicationELB",
            Period=60,
            Statistic="Sum",
            Threshold=1,
        )

    def ring(name: str) -> None:
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")

    ring("shop-dev-old")
    with pytest.raises(TandemError, match=r"in state ALARM since the new tasks serve: shop-dev-5xx$"):
        bake(lambda: ring("shop-dev-5xx"))


def test_tasks_that_end_while_they_are_watched_are_told() -> None:
    reasons = iter(["", "2 of them ended: container app exited with code 1"])
    with pytest.raises(TandemError, match="were healthy, but 2 of them ended: container app exited with"):
        bake(lambda: None, ended=lambda: next(reasons))


READING = ServiceSnapshot("arn:2", 4, 4, (), (), ())


def task(number: int, revision: str = "arn:2", reason: str = "Essential container in task exited") -> Task:
    return Task(f"t{number}", revision, "STOPPED", "UNKNOWN", reason, "", (), {}, {})


@pytest.mark.parametrize(
    ("desired", "later", "is_told"),
    [
        (4, [], False),
        (4, [task(1)], False),
        (4, [task(1), task(2)], True),
        (2, [task(1)], True),
        (1, [task(1)], True),
        (2, [task(1, revision="arn:1")], False),
        (2, [task(1, reason="Scaling activity initiated by (deployment ecs-svc/1)")], False),
    ],
)
def test_half_of_the_tasks_must_end_by_themselves(
    monkeypatch: pytest.MonkeyPatch, desired: int, later: list[Task], *, is_told: bool
) -> None:
    """One that had ended before the watch does not count: its rollout went on without it."""
    before = [task(9)]
    readings = iter([before, before, [*before, *later]])
    monkeypatch.setattr(
        ended_tasks,
        "read_service",
        lambda *_: replace(READING, desired=desired, tasks=tuple(next(readings))),
    )
    ended = EndedTasks(aws(), "shop-dev", "shop-dev", "arn:2")
    assert [ended.reason(), ended.reason()] == ["", ""]
    assert bool(ended.reason()) is is_told


def test_a_lost_lock_stops_the_watch() -> None:
    def lost() -> None:
        raise TandemError("the lock was taken by another run")

    with pytest.raises(TandemError, match="lock was taken"):
        bake(check=lost)


@pytest.mark.parametrize(
    ("requests", "failed", "bad"), [(0, 0, False), (100, 5, False), (100, 6, True), (10, 4, False)]
)
def test_bad_is_a_share_and_a_number(requests: int, failed: int, bad: bool) -> None:  # noqa: FBT001 - drawn
    assert bad is RequestCounts(requests, failed).is_bad
