"""The example's log: JSON lines that name their request, and metrics where they are wanted."""

import asyncio
import io
import json
from types import SimpleNamespace

import pytest
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from pipeline.local.awslambda.alb_events import event
from pipeline.local.awslambda.http1 import HttpRequest

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793"


@pytest.fixture
def lines(example, monkeypatch):
    """What was logged so far."""
    stream = io.StringIO()
    monkeypatch.setattr(example("console.observe").logger.handlers[0], "stream", stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_for_each_request_has_its_trace(api, lines):
    api.get("/api/items/none", headers={"X-Amzn-Trace-Id": TRACE})
    api.get("/api/health")
    first, second = lines()
    assert (first["method"], first["path"], first["status"]) == ("GET", "/api/items/none", 404)
    assert first["trace"] == TRACE
    assert "trace" not in second
    assert second["cold_start"] is False


def test_only_the_first_request_of_a_process_is_a_cold_start(example, lines):
    log = example("console.observe").RequestLog(example("starlette.responses").Response())
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}

    async def receive():
        return {"type": "http.request"}

    async def send(_):
        pass

    for _ in range(2):
        asyncio.run(log(scope, receive, send))
    assert [line["cold_start"] for line in lines()] == [True, False]


@pytest.mark.usefixtures("application")
def test_on_lambda_each_line_names_the_invocation(example, lines, monkeypatch):
    def fails(*_):
        example("console.observe").logger.warning("inside")
        raise RuntimeError("broken")

    monkeypatch.setattr(example("catalogue.items"), "search", fails)
    made = event(
        HttpRequest("GET", "/api/items", (("x-amzn-trace-id", TRACE),)), "arn:group", multi_value=True
    )
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        example("main").handler(made, SimpleNamespace(aws_request_id="7-7"))
    finally:
        asyncio.set_event_loop(None)
        loop.close()
    assert [line["message"] for line in lines()] == ["inside", "request", "a request failed"]
    assert {(line["request"], line["trace"]) for line in lines()} == {("7-7", TRACE)}
    assert "RuntimeError: broken" in lines()[2]["exception"]


def test_there_are_no_metrics_unless_a_namespace_is_named(api, lines):
    api.get("/api/health")
    assert "_aws" not in lines()[0]


def test_metrics_have_the_shape_that_powertools_gives_them(api, lines, monkeypatch):
    monkeypatch.setenv("METRICS_NAMESPACE", "Shop")
    api.get("/api/echo/status/503")
    (line,) = lines()
    provider = AmazonCloudWatchEMFProvider(namespace="Shop", service="api")
    for name, unit in (("milliseconds", "Milliseconds"), ("cold_starts", "Count"), ("errors", "Count")):
        provider.add_metric(name, unit, line[name])
    expected = provider.serialize_metric_set()
    names = {each["Name"]: each["Unit"] for each in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert names == {
        each["Name"]: each["Unit"] for each in expected["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    }
    for made in (line, expected):
        del made["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    assert line["_aws"]["CloudWatchMetrics"] == expected["_aws"]["CloudWatchMetrics"]
    assert line["_aws"].keys() == expected["_aws"].keys()
    assert abs(line["_aws"]["Timestamp"] - expected["_aws"]["Timestamp"]) < 60_000
    assert (line["service"], line["errors"], line["cold_starts"]) == ("api", 1, 0)
