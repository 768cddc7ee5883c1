"""The API shows triggers: what waits, what runs, and what became of each."""

import json

import pytest

from pipeline.core.trigger import Trigger
from pipeline.core.values import Source
from pipeline.deploy.store import Outcome as Deployed
from pipeline.deploy.store.lock import held
from pipeline.triggers.queue import Ended, Queue, TriggerOutcome
from tests.support.example_releases import make_release


def _trigger(second, by="erika@laptop", **commits):
    return Trigger("git hook", by, f"2026-01-02T00:00:{second:02d}Z", Source.APP, **commits)


@pytest.fixture
def triggers(tmp_path):
    """The queue beside the releases."""
    return Queue(tmp_path / "queue")


def test_triggers_wait_oldest_first_and_end_newest_first(api, triggers):
    entries = [triggers.add(_trigger(second, after=f"{second}" * 40), f"t{second}") for second in range(4)]
    arn = "arn:aws:ecs:eu-central-1:123456789012:service/shop"
    triggers.end(entries[0], Ended(TriggerOutcome.RELEASED, "2026-01-02T00:01:00Z", 7))
    triggers.end(entries[1], Ended(TriggerOutcome.FAILED, "2026-01-02T00:02:00Z", why=f"{arn} is gone"))
    answer = api.get("/api/queue")
    shown = answer.json()
    assert [each["at"][17:19] for each in shown["waiting"]] == ["02", "03"]
    assert [(each["state"], each["release"]) for each in shown["ended"]] == [
        ("failed", None),
        ("released", 7),
    ]
    assert shown["ended"][0]["why"] == "shop is gone"
    assert shown["waiting"][0]["title"] == "push to app 2222222222"
    assert "erika" not in answer.text


def test_names_of_people_are_shown_on_their_own_machine_only(api, application, triggers):
    triggers.add(_trigger(1))
    application.state.shows_names = True
    assert api.get("/api/queue").json()["waiting"][0]["by"] == "erika@laptop"


def test_a_trigger_runs_while_a_release_has_it(api, store, triggers):
    first, _ = triggers.add(_trigger(1), "t1"), triggers.add(_trigger(2), "t2")
    triggers.note_running([first])
    with held(store.objects, "release", wait=1):
        states = [each["state"] for each in api.get("/api/queue").json()["waiting"]]
    assert states == ["runs", "waits"]
    # The note of a release that was killed stays behind; nothing runs.
    assert [each["state"] for each in api.get("/api/queue").json()["waiting"]] == ["waits", "waits"]


def _release(store, fill, outcome, *triggers):
    """A release with these triggers that ended so."""
    release = store.add(make_release(fill, triggers=triggers))
    store.record(release.number, Deployed.STARTED)
    store.record(release.number, outcome, "container app exited with code 1")
    return release


def test_releases_name_their_triggers_wherever_the_queue_is(api, store):
    _release(store, "a", Deployed.SUCCEEDED, _trigger(1), _trigger(2))
    _release(store, "b", Deployed.FAILED, _trigger(3))
    answer = api.get("/api/queue")
    shown = [(each["at"][17:19], each["state"], each["release"]) for each in answer.json()["ended"]]
    assert (shown[0], sorted(shown[1:])) == (
        ("03", "failed", 2),
        [("01", "released", 1), ("02", "released", 1)],
    )
    assert [each["why"] for each in answer.json()["ended"]] == ["container app exited with code 1", "", ""]
    assert "erika" not in answer.text
    assert len(api.get("/api/queue?limit=1").json()["ended"]) == 1


def test_a_trigger_of_the_queue_and_of_a_release_is_shown_once(api, store, triggers):
    entry = triggers.add(_trigger(1))
    _release(store, "a", Deployed.SUCCEEDED, _trigger(1))
    assert api.get("/api/queue").json()["ended"] == [], "it waits until the queue has its end"
    triggers.end(entry, Ended(TriggerOutcome.MERGED, "2026-01-02T00:01:00Z", 1))
    assert [each["state"] for each in api.get("/api/queue").json()["ended"]] == ["merged"]


@pytest.mark.parametrize("text", ["{", "[]", "{}", json.dumps({"at": 5})])
def test_a_damaged_trigger_hides_no_other(api, triggers, text):
    entry = triggers.add(_trigger(1), "t1")
    for folder, name in (("triggers", "t0"), ("ended", "t2")):
        (triggers.folder / folder).mkdir(exist_ok=True)
        (triggers.folder / folder / f"{name}.json").write_text(text)
    (triggers.folder / "running.json").write_text(text)
    assert len(api.get("/api/queue").json()["waiting"]) == 1
    triggers.end(entry, Ended(TriggerOutcome.MERGED, "2026-01-02T00:01:00Z", 2))
    assert len(api.get("/api/queue").json()["ended"]) == 1
