"""Status tells what runs, who is at work, and what someone changed by hand."""

from pathlib import Path

import pytest

from pipeline.deploy.manifest import Release
from pipeline.deploy.status import EnvironmentStatus, read_status
from pipeline.deploy.store import Store, lock
from tests.deploy.test_changes import put
from tests.support.aws_access import aws
from tests.support.example_releases import make_release
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
    found = look(stage, store)
    lines = found.lines()
    assert lines[:2] == ["url      https://shop", f"release  1, layout sidecar, since {found.since}"]
    assert "  app      commit 1111111111  Change app" in lines
    assert lines[-3:] == [
        "api      version 2 100 %",
        "service  shop-dev: 2 of 2 tasks run",
        "drift    none: what runs is what was released",
    ]
    assert found.to_dict()["services"]["shop-dev"]["running"] == 2
    assert found.to_dict()["release"] == 1


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
