"""The load balancer's limits are answered in words, and by the server as by Lambda."""

import asyncio
import gzip
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from mangum.handlers.utils import handle_base64_response_body

from pipeline.core.trigger import Trigger
from pipeline.deploy.store import Outcome
from pipeline.local.awslambda import http1
from pipeline.local.awslambda.alb_events import LIMIT, event, response
from pipeline.local.awslambda.http1 import HttpRequest
from pipeline.records.build_records import Records
from pipeline.records.publish import publish
from pipeline.triggers.queue import Queue
from tests.examples.test_lambda_and_server import request_of, through_a_server, through_lambda
from tests.records.example_record import RECORD
from tests.support.example_releases import make_release

pytestmark = pytest.mark.slow

BODY = b"x" * LIMIT


@pytest.fixture
def handler(example):
    """Lambda's handler, with the event loop that its adapter uses."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield example("main").handler
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def limited(application):
    """The application with Lambda's limits of answers."""
    application.state.limits_answers = True
    return application


def _status_of_load_balancer(body):
    """413 if the load balancer does not let the body through to a function."""
    head = f"POST /api/echo HTTP/1.1\r\nhost: site\r\ncontent-length: {len(body)}\r\n\r\n"
    try:
        http1.read(io.BytesIO(head.encode() + body), LIMIT, io.BytesIO())
    except http1.TooLargeError:
        return 413
    return 200


@pytest.mark.parametrize("more", [-1, 0, 1, 4096])
def test_a_server_takes_bodies_as_large_as_lambda_gets_them_and_no_larger(api, more):
    body = (BODY + b"x" * 4096)[: LIMIT + more]
    answer = api.request("POST", "/api/echo", content=body)
    assert answer.status_code == _status_of_load_balancer(body) == (413 if more > 0 else 200)


def test_a_request_that_is_too_large_is_answered_in_words(api):
    answer = api.request("POST", "/api/echo", content=BODY + b"x")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert "1048576 bytes" in answer.json()["detail"]


def test_a_body_of_unknown_length_has_the_same_limit(api):
    async def parts(count):
        for _ in range(count):
            yield BODY[: LIMIT // 4]

    assert api.request("POST", "/api/echo", content=parts(4)).status_code == 200
    sent = []

    async def endless():
        while True:
            sent.append(1)
            yield BODY[: LIMIT // 4]

    assert api.request("POST", "/api/echo", content=endless()).status_code == 413
    assert len(sent) < 8, "the rest is not read"


def test_a_large_answer_is_compressed_for_those_who_take_it(api, store):
    for _ in range(20):
        store.add(make_release())
    plain = api.get("/api/releases", headers={"Accept-Encoding": "identity"})
    packed = api.get("/api/releases", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 4
    assert packed.json() == plain.json()
    assert "accept-encoding" in plain.headers["vary"].lower()
    again = {"Accept-Encoding": "gzip", "If-None-Match": plain.headers["etag"]}
    assert api.get("/api/releases", headers=again).status_code == 304


def test_on_lambda_an_answer_that_the_load_balancer_would_drop_is_a_502_in_words(api, limited):  # noqa: ARG001
    answer = api.get("/api/echo/bytes/1000000", headers={"Accept-Encoding": "identity"})
    assert (answer.status_code, answer.headers["content-type"]) == (502, "application/problem+json")
    assert "accept gzip" in answer.json()["detail"]
    packed = api.get("/api/echo/bytes/1000000", headers={"Accept-Encoding": "gzip"})
    assert (packed.status_code, len(packed.content)) == (200, 1_000_000)


def test_a_server_answers_as_much_as_is_asked_for(api):
    answer = api.get("/api/echo/bytes/2000000", headers={"Accept-Encoding": "identity"})
    assert (answer.status_code, len(answer.content)) == (200, 2_000_000)


def test_the_largest_answer_on_lambda_passes_the_load_balancer(handler, limited):  # noqa: ARG001
    for size in range(770_000, 790_000, 4_000):
        made = event(
            HttpRequest("GET", f"/api/echo/bytes/{size}", (("host", "site"),)), "arn", multi_value=True
        )
        # MalformedError if it does not pass.
        answer = response(json.dumps(handler(made, None)).encode(), multi_value=True)
        assert (answer.status == 200) is (len(answer.body) == size)


@given(
    st.binary(max_size=60) | st.text(max_size=60).map(str.encode), st.sampled_from(DEFAULT_TEXT_MIME_TYPES)
)
def test_the_size_is_that_of_what_mangum_makes(example, body, kind):
    limits = example("console.limits")
    assert list(limits.TEXTS) == DEFAULT_TEXT_MIME_TYPES
    for each in (kind, "application/octet-stream", "application/problem+json"):
        made, _ = handle_base64_response_body(body, {"content-type": each}, DEFAULT_TEXT_MIME_TYPES)
        assert limits.in_json(body, each) == len(json.dumps(made))


def test_pages_end_before_they_are_too_large(api, limited, tmp_path):  # noqa: ARG001
    records = Records(tmp_path / "records.sqlite")
    for second in range(5):
        at = f"2026-01-02T00:00:{second:02d}+00:00"
        records.add(replace(RECORD, started_at=at, not_cached="x" * 300_000, scenario=""))
    pages, cursor = [], ""
    while cursor is not None:
        path = f"/api/builds?cursor={cursor}"
        answer = api.get(path, headers={"Accept-Encoding": "identity"})
        assert answer.status_code == 200
        pages.append([each["at"][17:19] for each in answer.json()["builds"]])
        cursor = answer.json()["next"]
    assert pages == [["04", "03"], ["02", "01"], ["00"]]


def test_pages_of_releases_end_before_they_are_too_large(api, limited, store):  # noqa: ARG001
    for _ in range(3):
        store.add(make_release(why="x" * 400_000))
    pages, cursor = [], ""
    while cursor is not None:
        answer = api.get(f"/api/releases?cursor={cursor}", headers={"Accept-Encoding": "identity"})
        pages.append([each["number"] for each in answer.json()["releases"]])
        cursor = answer.json()["next"]
    assert pages == [[3], [2], [1]]


def test_events_are_the_newest_ones(api, store, example, monkeypatch):
    monkeypatch.setattr(example("console.store"), "_NEWEST", 3)
    for _ in range(5):
        store.record(0, Outcome.REFUSED, "no content")
    assert [each["sequence"] for each in api.get("/api/events").json()["events"]] == [3, 4, 5]
    assert [each["sequence"] for each in api.get("/api/events?after=4").json()["events"]] == [5]


PATHS = [
    *(
        "status",
        "releases?limit=1",
        "releases/2",
        "releases/9",
        "releases/1/diff/2",
        "events",
        "events?after=x",
    ),
    *("builds", "builds?limit=1", "builds?cursor=x", "builds/trend", "comparisons", "queue", "queue?limit=0"),
    *("exports", "exports/records.csv", "exports/none"),
]


@pytest.mark.usefixtures("api")
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_lambda_answers_as_the_server_does(handler, application, store, tmp_path, encoding):
    for fill in "ab":
        store.add(make_release(fill))
    Records(tmp_path / "records.sqlite").add(RECORD)
    publish(store.objects, [RECORD.document()], "csv")
    Queue(tmp_path / "queue").add(Trigger("git hook", "erika", "2026-01-02T00:00:00Z"))
    for path in PATHS:
        request = request_of(path=f"/api/{path}", headers=(("accept-encoding", encoding),))
        by_lambda, by_server = through_lambda(handler, request), through_a_server(application, request)
        assert (path, *by_lambda[:2]) == (path, *by_server[:2])
        assert by_lambda[0] < 500
        assert _plain(by_lambda[2]) == by_server[2]


def _plain(body):
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def test_gzip_by_lambda_is_gzip_by_the_server(api, handler):
    headers = (("host", "api"), ("accept-encoding", "gzip"))
    made = event(HttpRequest("GET", "/api/openapi.json", headers), "arn", multi_value=True)
    answer = response(json.dumps(handler(made, None)).encode(), multi_value=True)
    plain = api.get("/api/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert ("content-encoding", "gzip") in [(name.lower(), value) for name, value in answer.headers]
    assert json.loads(gzip.decompress(answer.body)) == plain.json()
