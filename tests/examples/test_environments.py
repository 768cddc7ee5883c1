"""The API shows environments side by side, and one that cannot be read hides no other."""

import json

import pytest

from pipeline.core.trigger import Trigger
from pipeline.core.values import Commit, Source
from pipeline.deploy.store import Outcome, Store
from pipeline.deploy.store.holds import Hold
from pipeline.deploy.store.lock import held
from pipeline.triggers.queue import Queue
from tests.support.example_releases import make_release


@pytest.mark.parametrize("place", ["s3://shop-prod-releases-1/prod/", "s3://b/prod"])
def test_the_environment_is_named_by_the_place_of_its_releases(example, monkeypatch, place):
    monkeypatch.setenv("TANDEM_RELEASES", place)
    assert example("console.environments").own_name() == "prod"
    monkeypatch.setenv("TANDEM_ENVIRONMENT", "local")
    assert example("console.environments").own_name() == "local"


def test_a_site_shows_its_own_environment_only(api, store):
    commit = Commit(Source.APP, "1" * 40, "Change the menu")
    with held(store.objects, "hold", wait=1) as lease:
        held_app = Hold(commit, (), "broken menu", "erika@laptop", "2026-01-02T00:00:00Z")
        store.set_holds({Source.APP: held_app}, lease.token)
    (row,) = api.get("/api/environments").json()["environments"]
    assert (row["own"], row["current"], row["problem"], row["waiting"]) == (True, None, "", 0)
    assert [each["source"] for each in row["holds"]] == ["app"]


@pytest.fixture
def side_by_side(api, monkeypatch, reconnect, tmp_path):  # noqa: ARG001 - `api` sets the other variables first
    """Another environment with a release, one that cannot be read, and one without a platform."""
    told = [
        {"name": "staging", "releases": str(tmp_path / "staging"), "queue": str(tmp_path / "q")},
        {"name": "damaged", "releases": str(tmp_path / "damaged"), "queue": str(tmp_path / "q")},
        {"name": "new", "problem": "there is no platform in new yet"},
    ]
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "state.json").write_text("{")
    monkeypatch.setenv("TANDEM_ENVIRONMENT", "prod")
    monkeypatch.setenv("TANDEM_ENVIRONMENTS", json.dumps(told))
    reconnect()
    return tmp_path / "staging"


def test_environments_are_shown_side_by_side(api, side_by_side):
    other = Store.in_folder(side_by_side, "staging")
    release = other.add(make_release("c", why="push to app"))
    with held(other.objects, "push to app", wait=1) as lease:
        other.record(release.number, Outcome.STARTED)
        other.succeed(release.number, lease.token)
    Queue(side_by_side.parent / "q").add(Trigger("git hook", "erika@laptop", "2026-01-02T00:00:00Z"))
    rows = api.get("/api/environments").json()["environments"]
    assert [(row["name"], row["own"], row["current"]) for row in rows] == [
        ("prod", True, None),
        ("damaged", False, None),
        ("new", False, None),
        ("staging", False, 1),
    ]
    assert [row["problem"] for row in rows[1:3]] == [
        "Its releases cannot be read now.",
        "there is no platform in new yet",
    ]
    assert (rows[3]["waiting"], rows[3]["why"], rows[3]["last"]["outcome"]) == (1, "push to app", "succeeded")
    assert rows[3]["commits"]["app"]["subject"] == "Change app"


def test_all_environments_have_the_same_fields(api, side_by_side):
    Store.in_folder(side_by_side, "staging").add(make_release())
    rows = api.get("/api/environments").json()["environments"]
    assert len({tuple(sorted(row)) for row in rows}) == 1
