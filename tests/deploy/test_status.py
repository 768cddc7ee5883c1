"""Status tells what runs, who is at work, and what someone changed by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.values import Commit, Source
from pipeline.deploy.attention import age
from pipeline.deploy.manifest import Release
from pipeline.deploy.status import EnvironmentStatus, read_status
from pipeline.deploy.store import Outcome, Store, lock
from tests.deploy.test_changes import put
from tests.support.aws_access import aws
from tests.support.example_releases import commits, make_release
from tests.support.stage import Stage


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.in_folder(tmp_path, "dev")


@pytest.fixture
def released(store: Store, stage: Stage) -> Release:
    with lock.held(store.objects, "release 1") as lease:
        release = store.add(make_release())
        put(stage, release)
        store.succeed(1, lease.token)
    return release


def look(stage: Stage, store: Store) -> EnvironmentStatus:
    return read_status(aws(), "dev", "https://shop", stage.platform, store)


@pytest.mark.usefixtures("released")
def test_what_runs_as_it_was_released_has_no_drift(stage: Stage, store: Store) -> None:
    status = look(stage, store)
    lines = status.lines()
    assert lines[:2] == ["url      https://shop", f"release  1, layout sidecar, since {status.since}"]
    assert "  app      commit 1111111111  Change app" in lines
    assert lines[-3:] == [
        "api      version 2 100 %",
        "service  shop-dev: 2 of 2 tasks run",
        "drift    none: what runs is what was released",
    ]
    assert status.to_dict()["services"]["shop-dev"]["running"] == 2
    assert status.to_dict()["release"] == 1


@pytest.mark.usefixtures("released")
def test_a_change_by_hand_is_named(stage: Stage, store: Store) -> None:
    stage.ecs.update_service(cluster="shop-dev", service="shop-dev", desiredCount=5)
    assert "service.desiredCount" in look(stage, store).lines()[-1]


@pytest.mark.usefixtures("released")
def test_a_canary_shows_its_share(stage: Stage, store: Store) -> None:
    version = stage.functions.publish_version(FunctionName="shop-dev-api", Description="x")["Version"]
    weights = {"AdditionalVersionWeights": {version: 0.1}}
    stage.functions.update_alias(FunctionName="shop-dev-api", Name="live", RoutingConfig=weights)
    assert look(stage, store).to_dict()["api"] == {"2": 90, version: 10}


@pytest.mark.usefixtures("released")
def test_while_someone_is_at_work_nothing_is_called_drift(stage: Stage, store: Store) -> None:
    stage.ecs.update_service(cluster="shop-dev", service="shop-dev", desiredCount=5)
    with lock.held(store.objects, "release 2"):
        last = look(stage, store).lines()[-1]
    assert last.startswith("at work  ")
    assert "release 2" in last


def test_before_the_first_release_there_is_none(stage: Stage, store: Store) -> None:
    assert look(stage, store).lines() == ["url      https://shop", "release  none yet"]


@pytest.mark.usefixtures("released")
def test_a_head_that_is_not_released_is_named_with_the_command(stage: Stage, store: Store) -> None:
    heads = {**commits(), Source.APP: Commit(Source.APP, "2" * 40, "Add a page")}
    status = read_status(aws(), "dev", "https://shop", stage.platform, store, lambda: heads)
    (line,) = [line for line in status.lines() if line.startswith("moved")]
    assert line == "moved    app: commit 2222222222  Add a page; `tandem release --env dev` releases it"
    assert status.to_dict()["moved"] == {"app": "2" * 40}


def test_a_head_that_changes_nothing_is_not_called_ahead(stage: Stage, store: Store) -> None:
    with lock.held(store.objects, "release 1") as lease:
        put(stage, store.add(make_release()))
        store.succeed(1, lease.token)
        store.set_same({Source.APP: "2" * 40}, lease.token)
    head = Commit(Source.APP, "2" * 40, "Explain the build")
    status = read_status(
        aws(), "dev", "https://shop", stage.platform, store, lambda: {**commits(), Source.APP: head}
    )
    assert [line for line in status.lines() if line.startswith(("moved", "same"))] == [
        "same     app: commit 2222222222  Explain the build; it changes nothing that a build reads"
    ]
    assert (status.to_dict()["moved"], status.to_dict()["same"]) == ({}, {"app": "2" * 40})


@pytest.mark.usefixtures("released")
def test_heads_that_cannot_be_read_do_not_end_the_status(stage: Stage, store: Store) -> None:
    def heads() -> dict[Source, Commit]:
        raise TandemError("cannot read the repository\nfatal: gone")

    status = read_status(aws(), "dev", "https://shop", stage.platform, store, heads)
    assert "heads    unknown: cannot read the repository" in status.lines()


@pytest.mark.usefixtures("released")
def test_a_release_that_was_cut_off_is_no_change_by_hand(stage: Stage, store: Store) -> None:
    stage.ecs.update_service(cluster="shop-dev", service="shop-dev", desiredCount=5)
    store.record(2, Outcome.STARTED)
    *lines, last = look(stage, store).lines()
    assert last.startswith("cut off  release 2 was begun at ")
    assert last.endswith("Z and never ended; `tandem release --env dev` finishes it")
    assert not any("by hand" in line for line in lines)
    assert look(stage, store).to_dict()["unfinished"] == 2


def test_a_first_release_that_was_cut_off_is_named(stage: Stage, store: Store) -> None:
    store.record(1, Outcome.STARTED)
    assert "release 1 was begun at" in look(stage, store).lines()[-1]


@pytest.mark.usefixtures("released")
def test_the_last_failure_is_shown_until_something_succeeds(stage: Stage, store: Store) -> None:
    store.record(2, Outcome.ROLLED_BACK, "container app exited with code 1\nits log")
    (line,) = [line for line in look(stage, store).lines() if line.startswith("failed")]
    assert line.startswith("failed   release 2 rolled back at ")
    assert line.endswith(": container app exited with code 1")
    store.record(1, Outcome.SUCCEEDED)
    assert look(stage, store).attention.failed is None


@pytest.mark.usefixtures("released")
def test_a_failure_whose_first_line_announces_more_is_shown_with_the_next(stage: Stage, store: Store) -> None:
    store.record(0, Outcome.REFUSED, "the release cannot be applied, 2 checks failed:\n  a\n  b")
    (line,) = [line for line in look(stage, store).lines() if line.startswith("failed")]
    assert line.endswith("cannot be applied, 2 checks failed: a")


@pytest.mark.usefixtures("released")
def test_failed_requests_of_the_last_minutes_are_counted(stage: Stage, store: Store) -> None:
    platform = stage.platform.model_copy(update={"load_balancer_arn_suffix": "app/shop/1"})
    put_metric("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", {"LoadBalancer": "app/shop/1"}, 20)
    put_metric("AWS/Lambda", "Throttles", {"FunctionName": platform.function_name}, 3)
    status = read_status(aws(), "dev", "https://shop", platform, store)
    expected = "errors   20 5xx from the load balancer, 3 throttled invocations in the last 5 minutes"
    assert expected in status.lines()


def put_metric(namespace: str, name: str, dimensions: dict[str, str], value: float) -> None:
    pairs: Any = [{"Name": key, "Value": text} for key, text in dimensions.items()]
    data: Any = [{"MetricName": name, "Dimensions": pairs, "Value": value, "Unit": "Count"}]
    aws().client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "5 s"), (60, "1 min"), (7200, "2 h"), (200_000, "2 d"), (-3, "0 s")]
)
def test_an_age_has_its_largest_unit(seconds: int, text: str) -> None:
    now = datetime(2026, 1, 31, tzinfo=UTC)
    assert age(now - timedelta(seconds=seconds), now) == text
