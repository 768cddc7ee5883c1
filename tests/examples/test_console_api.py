"""The console's API shows the environment's releases, and of them only what visitors may see."""

import json
import re
import threading
import time

import pytest

from pipeline.core.timeline import Span
from pipeline.core.values import Commit, Source
from pipeline.deploy.store import Outcome
from pipeline.deploy.store.holds import Hold
from pipeline.deploy.store.lock import held
from pipeline.records.run_record import RunRecord
from tests.support.example_releases import make_release

pytestmark = pytest.mark.slow


@pytest.fixture
def two(store):
    """Two releases; the second is current."""
    for fill in "ab":
        release = store.add(make_release(fill, why=f"push {fill}"))
        with held(store.objects, "release", wait=1) as lease:
            store.record(release.number, Outcome.STARTED)
            store.succeed(release.number, lease.token)
    return store


@pytest.mark.parametrize("expires", ["", "2027-01-01T00:00:00Z"])
@pytest.mark.parametrize("avoid", [(), ("2" * 40,)])
@pytest.mark.parametrize("by", ["erika@laptop", "Erika M. (ops) until July"])
def test_who_holds_a_source_is_not_shown(api, store, by, avoid, expires):
    """The reason of a release names the sources that it leaves out."""
    commit = Commit(Source.APP, "1" * 40, "Change the menu")
    text = Hold(commit, avoid, "broken (again) until Monday", by, "2026-01-02T00:00:00Z", expires).describe(
        "prod"
    )
    release = store.add(make_release(left_out={"app": text}))
    with held(store.objects, "push to app", wait=1):
        store.record(release.number, Outcome.STARTED, f"push to static; app 2222222222 is left out: {text}")
    shown = "".join(api.get(f"/api/{path}").text for path in ("events", "releases", "releases/1", "status"))
    assert not {"erika", "Erika", "ops", "laptop"} & set(re.findall(r"\w+", shown))
    assert shown.count("held at 1111111111 since 2026-01-02T00:00:00Z until") >= 4


def test_an_account_is_not_shown_by_what_is_left_out(api, store):
    store.add(make_release(left_out={"app": "arn:aws:iam::123456789012:role/build: access denied"}))
    shown = api.get("/api/releases/1").text
    assert "build: access denied" in shown
    assert "123456789012" not in shown


@pytest.mark.usefixtures("two")
def test_releases_are_listed_newest_first_with_their_outcome(api):
    listed = api.get("/api/releases").json()
    assert [(each["number"], each["outcome"], each["current"]) for each in listed["releases"]] == [
        (2, "succeeded", True),
        (1, "succeeded", False),
    ]
    assert listed["releases"][0]["why"] == "push b"
    assert listed["next"] is None


def test_pages_follow_each_other_without_gap_or_overlap(api, store):
    for _ in range(7):
        store.add(make_release())
    seen, cursor = [], ""
    while cursor is not None:
        page = api.get("/api/releases", params={"limit": 3, "cursor": cursor}).json()
        seen.append([each["number"] for each in page["releases"]])
        cursor = page["next"]
        store.add(make_release())  # a release that comes meanwhile moves no page
    assert seen == [[7, 6, 5], [4, 3, 2], [1]]


@pytest.mark.parametrize("cursor", ["x", "%00", "YmVmb3JlIHg", "YmVmb3JlIDEg" * 400, "YmVmb3JlIMKy", "é"])
def test_a_cursor_that_nobody_gave_out_is_a_400(api, cursor):
    answer = api.get("/api/releases", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert answer.headers["content-type"] == "application/problem+json"


def test_one_release_shows_images_and_deployments(api, two):
    shown = api.get("/api/releases/2").json()
    manifest = two.get(2)
    assert shown["images"] == {name: str(image) for name, image in manifest.images.items()}
    assert [each["outcome"] for each in shown["deployments"]] == ["started", "succeeded"]


def test_a_release_shows_where_the_time_of_its_run_went(api, store):
    store.add(make_release())
    store.record(1, Outcome.STARTED, token=7)
    assert api.get("/api/releases/1").json()["run"] is None
    spans = (Span("build", 1.0, 2.0), Span("heads", 0.5, 0.5))
    run = RunRecord("2026-01-01T00:00:00Z", "a push", 1, 9.0, 6.5, failed=False, spans=spans)
    store.add_run(7, run)
    shown = api.get("/api/releases/1").json()["run"]
    assert (shown["seconds"], shown["new_content"]) == (9.0, 6.5)
    assert [part["name"] for part in shown["parts"]] == ["heads", "build"]


def test_no_value_of_a_variable_and_no_account_is_shown(api, store):
    secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"
    release = make_release()
    task = json.loads(json.dumps(release.task_definition))
    task["containerDefinitions"][0]["environment"] = [{"name": "TOKEN", "value": "hidden"}]
    store.add(make_release(task_definition=task))
    store.record(1, Outcome.FAILED, f"the secret {secret}: it cannot be read")
    shown = api.get("/api/releases/1").text + api.get("/api/releases").text + api.get("/api/events").text
    assert "hidden" not in shown
    assert "123456789012" not in shown
    assert "the secret db-AbCdEf: it cannot be read" in shown


def test_a_diff_names_settings_and_shows_no_value(api, store):
    release = make_release()
    task = json.loads(json.dumps(release.task_definition))
    task["containerDefinitions"][0]["environment"] = [{"name": "TOKEN", "value": "hidden"}]
    store.add(release)
    store.add(make_release("b", task_definition={**task, "memory": "4096"}, count=9))
    answer = api.get("/api/releases/1/diff/2")
    changed = answer.json()
    app = task["containerDefinitions"][0]["name"]
    assert changed["settings"] == ["count", f"task.{app}.environment", "task.memory"]
    assert changed["images"].keys() >= {"app"}
    assert "hidden" not in answer.text
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("path", ["/api/releases/7", "/api/releases/1/diff/7", "/api/nothing"])
def test_what_is_not_there_is_a_problem_with_404(api, path):
    answer = api.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "path", ["/api/releases/0", "/api/releases/x", "/api/releases?limit=1000", "/api/releases/999999999"]
)
def test_wrong_parameters_are_a_problem_with_422(api, path):
    answer = api.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api/releases", "/api/status", "/api/events"])
def test_nothing_can_be_changed(api, method, path):
    assert api.request(method, path).status_code == 405


def test_an_answer_that_the_client_has_is_not_sent_again(api, two):
    first = api.get("/api/status")
    again = api.get("/api/status", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    two.record(2, Outcome.FAILED, "rang")
    assert api.get("/api/status", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_the_status_names_the_work_and_not_the_worker(api, two):
    with held(two.objects, "release after a push", wait=1):
        status = api.get("/api/status").json()
    assert status["current"] == 2
    assert status["working"]["what"] == "release after a push"
    assert status["working"].keys() == {"what", "since"}
    assert api.get("/api/status").json()["working"] is None


def test_an_event_ends_the_wait(api, two):
    last = api.get("/api/events").json()["events"][-1]["sequence"]
    later = threading.Timer(0.3, lambda: two.record(2, Outcome.ROLLED_BACK, "5xx"))
    later.start()
    began = time.monotonic()
    answer = api.get("/api/events", params={"after": last, "wait": 15}).json()
    assert [each["outcome"] for each in answer["events"]] == ["rolled back"]
    assert time.monotonic() - began < 5


@pytest.mark.usefixtures("two")
def test_a_wait_ends_without_an_event(api, application):
    application.state.longest_wait = 0.0
    last = api.get("/api/events").json()["events"][-1]["sequence"]
    assert api.get("/api/events", params={"after": last, "wait": 20}).json()["events"] == []


def test_a_store_that_cannot_be_read_is_a_503(api, reconnect, monkeypatch):
    monkeypatch.delenv("TANDEM_RELEASES")
    reconnect()
    answer = api.get("/api/releases")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "TANDEM" not in answer.text
    assert api.get("/api/health").status_code == 200


@pytest.mark.usefixtures("two")
def test_a_damaged_document_is_a_503_and_not_a_traceback(api, tmp_path):
    (tmp_path / "state.json").write_text("{")
    answer = api.get("/api/status")
    assert (answer.status_code, answer.json()["title"]) == (503, "Service Unavailable")


@pytest.mark.usefixtures("two")
def test_each_request_is_one_log_line(api, example, capsys):
    example("console.observe").to_stdout()
    api.get("/api/status", headers={"X-Amzn-Trace-Id": "Root=1-2-3"})
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (line["path"], line["status"], line["trace"]) == ("/api/status", 200, "Root=1-2-3")
