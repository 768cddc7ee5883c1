"""Each answer of the example has the shape that its OpenAPI document says, and nothing more."""

import subprocess
import sys
from dataclasses import replace

import jsonschema
import pytest

from pipeline.compare import presets
from pipeline.compare.builds import StartedComparison
from pipeline.compare.measurement import Cell, Measurement, Variant
from pipeline.compare.scenarios import Scenario
from pipeline.core.paths import ROOT
from pipeline.core.timeline import Span
from pipeline.core.trigger import Trigger
from pipeline.core.values import Commit, Source
from pipeline.deploy.store import Outcome
from pipeline.deploy.store.holds import Hold
from pipeline.deploy.store.lock import held
from pipeline.records.build_records import Records
from pipeline.records.publish import publish
from pipeline.records.run_record import RunRecord
from pipeline.triggers.queue import Ended, Queue
from pipeline.triggers.queue import TriggerOutcome as End
from tests.records.example_record import RECORD
from tests.support.example_releases import make_release

pytestmark = pytest.mark.slow

PATHS = {
    "/api/health": "/api/health",
    "/api/status": "/api/status",
    "/api/environments": "/api/environments",
    "/api/releases": "/api/releases?limit=1",
    "/api/releases/{number}": "/api/releases/2",
    "/api/releases/{number}/diff/{other}": "/api/releases/1/diff/2",
    "/api/events": "/api/events",
    "/api/builds": "/api/builds",
    "/api/builds/trend": "/api/builds/trend",
    "/api/comparisons": "/api/comparisons",
    "/api/queue": "/api/queue",
    "/api/exports": "/api/exports",
    "/api/items": "/api/items",
    "/api/items/{item_id}": "/api/items/bell",
    "/api/echo/cookies": "/api/echo/cookies",
    "/api/echo/slow": "/api/echo/slow?seconds=0",
}
JSON, PROBLEM = "application/json", "application/problem+json"


@pytest.fixture
def document(api):
    return api.get("/api/openapi.json").json()


@pytest.fixture
def filled(store, tmp_path):
    """Two releases, one of which has no API; a run, a hold, triggers, builds, comparisons and an export."""
    _release(store)
    commit = Commit(Source.APP, "1" * 40, "Change the menu")
    with held(store.objects, "hold", wait=1) as lease:
        hold = Hold(commit, (), "broken", "erika@laptop", "2026-01-02T00:00:00Z")
        store.set_holds({Source.APP: hold}, lease.token)
    _measure(Records(tmp_path / "records.sqlite"))
    publish(store.objects, [RECORD.document()], "csv")
    queue = Queue(tmp_path / "queue")
    entry = queue.add(Trigger("git hook", "erika@laptop", "2026-01-02T00:00:00Z", Source.APP, after="a" * 40))
    queue.end(entry, Ended(End.FAILED, "2026-01-02T00:00:09Z", why="no"))
    queue.add(Trigger("schedule", "erika@laptop", "2026-01-02T00:01:00Z"))


def _release(store):
    spans = (Span("build", 1.0, 2.0),)
    run = RunRecord("2026-01-01T00:00:00Z", "a push", 1, 9.0, 6.5, failed=False, spans=spans)
    for each in (make_release("a"), make_release("b", api=None)):
        release = store.add(each)
        with held(store.objects, "release", wait=1) as lease:
            store.record(release.number, Outcome.STARTED, token=lease.token)
            store.add_run(lease.token, run)
            store.succeed(release.number, lease.token)


def _measure(records):
    records.add(replace(RECORD, scenario="", run=""))
    records.add(RECORD)
    records.add(StartedComparison("r2", "2026-01-03T00:00:00+00:00", presets.quick(1), "this"))
    for variant, seconds in ((Variant.MONOLITH, 40.0), (Variant.SPLIT_LAYERS, 4.0)):
        cell = Cell("300 MB", variant, Scenario.BOTH)
        records.add(Measurement("r2", "2026-01-03T00:01:00+00:00", cell, "this", seconds, seconds))


def _check(document, answer, path):
    operation = document["paths"][path]["get"]["responses"][str(answer.status_code)]
    schema = operation["content"][answer.headers["content-type"]]["schema"]
    jsonschema.validate(answer.json(), {**schema, "components": document["components"]})


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("path", PATHS)
def test_an_answer_has_the_documented_shape(api, document, path):
    answer = api.get(PATHS[path])
    assert answer.status_code == 200
    _check(document, answer, path)


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_of_an_empty_environment_has_it_too(api, document, path):
    answer = api.get(PATHS[path])
    assert answer.status_code in {200, 404}
    _check(document, answer, path)


@pytest.mark.usefixtures("filled")
def test_the_trigger_of_somebody_who_is_named_has_it_too(api, application, document):
    application.state.shows_names = True
    _check(document, api.get("/api/queue"), "/api/queue")


def test_a_release_with_an_api_has_it_too(api, document, store):
    store.add(make_release())
    _check(document, api.get("/api/releases/1"), "/api/releases/{number}")


def test_every_path_is_compared_or_takes_no_json(document):
    others = {path for path in document["paths"] if path not in PATHS}
    assert others == {
        "/api/exports/{name}",
        "/api/quotes",
        "/api/echo/status/{code}",
        "/api/echo/bytes/{size}",
    }


@pytest.mark.parametrize("path", PATHS)
def test_every_json_answer_has_a_shape(document, path):
    schema = document["paths"][path]["get"]["responses"]["200"]["content"][JSON]["schema"]
    assert schema.keys() & {"$ref", "additionalProperties"}


def test_every_shape_forbids_what_it_does_not_name(document):
    answers = document["components"]["schemas"]
    open_ones = {name for name, shape in answers.items() if shape.get("additionalProperties") is not False}
    assert open_ones == {"Item", "Order", "OrderLine"}


@pytest.mark.parametrize(
    ("path", "documented"),
    [
        ("/api/releases?cursor=x", "/api/releases"),
        ("/api/releases/7", "/api/releases/{number}"),
        ("/api/releases/0", "/api/releases/{number}"),
        ("/api/exports/none.csv", "/api/exports/{name}"),
        ("/api/items/none", "/api/items/{item_id}"),
    ],
)
def test_an_error_is_the_documented_problem(api, document, path, documented):
    answer = api.get(path)
    assert answer.headers["content-type"] == PROBLEM
    _check(document, answer, documented)


@pytest.mark.parametrize("path", [path for path in PATHS if path not in {"/api/health", "/api/items"}])
def test_a_store_that_cannot_be_read_is_a_documented_problem(api, document, monkeypatch, reconnect, path):
    for name in ("TANDEM_RELEASES", "TANDEM_RECORDS"):
        monkeypatch.delenv(name)
    reconnect()
    answer = api.get(PATHS[path])
    if path.startswith(("/api/items", "/api/echo")):
        assert answer.status_code == 200
        return
    assert answer.status_code == 503
    _check(document, answer, path)
    assert "Retry-After" in document["paths"][path]["get"]["responses"]["503"]["headers"]


def test_no_shape_is_imported_before_the_document_is_asked_for():
    code = "import sys, application; print([name for name in sys.modules if 'schemas' in name])"
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=ROOT / "examples" / "api", capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
