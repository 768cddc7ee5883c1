"""Facts about a function's versions: concurrency, aliases, code that fails, logs and counts."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from botocore.exceptions import ClientError
from moto.backends import get_backend

from pipeline.local.awslambda import execution_environment
from pipeline.local.context import REGION
from tests.support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("api")]


def test_over_the_reserved_concurrency_requests_are_throttled_and_static_content_is_not(rig, api):
    """Two invocations run; all others get 502 at once, and static content is not affected."""
    with ThreadPoolExecutor(12) as pool, rig.load("/static", clients=2) as seen:
        asked = [pool.submit(rig.get, "/api/sleep?for=0.8") for _ in range(10)]
        statuses = Counter(one.result().status_code for one in asked)
    assert statuses == {200: 2, 502: 8}
    assert seen.errors == []
    assert set(seen.statuses) == {200}
    assert metric(rig, "Throttles") > 0
    assert len(api.containers()) == 2


def test_throttled_invocations_are_too_many_requests(rig, api):
    api.lambdas.put_function_concurrency(FunctionName="api", ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as error:
        api.invoke()
    api.lambdas.put_function_concurrency(FunctionName="api", ReservedConcurrentExecutions=2)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert error.value.response["Error"]["Code"] == "TooManyRequestsException"
    assert rig.get("/api").status_code == 200


def test_a_timeout_ends_the_container(rig, api):
    before = {one.id for one in api.containers()}
    assert rig.get("/api/sleep?for=5").status_code == 502
    until(lambda: before - {one.id for one in api.containers()})


def test_a_version_can_be_invoked_directly(api):
    response, payload = api.invoke("1", b'{"path": "/x"}')
    assert (response["StatusCode"], response["ExecutedVersion"]) == (200, "1")
    assert json.loads(json.loads(payload)["body"])["event"] == {"path": "/x"}


def test_an_error_is_told_by_header(api):
    response, payload = api.invoke("live", b'{"path": "/raise"}')
    assert response["FunctionError"] == "Unhandled"
    assert json.loads(payload)["errorType"] == "ValueError"


def test_a_timeout_is_told_as_lambda_tells_it(api):
    event = {"path": "/sleep", "queryStringParameters": {"for": "5"}}
    response, payload = api.invoke("live", json.dumps(event).encode())
    assert response["FunctionError"] == "Unhandled"
    assert "Task timed out after 1.00 seconds" in json.loads(payload)["errorMessage"]


def test_an_alias_draws_by_weight(rig, api):
    second = api.publish(COLOUR="green")
    api.point("1", **{second: 0.25})
    drawn = Counter(rig.get("/api").json()["version"] for _ in range(200))
    api.point("1")
    assert 25 < drawn[second] < 80
    assert {rig.get("/api").json()["version"] for _ in range(20)} == {"1"}


@pytest.mark.parametrize(
    ("how", "message"),
    [("error", "no module named sea"), ("exit", "Runtime.ExitError"), ("slow", "timed out")],
)
def test_code_that_does_not_start_fails_each_invocation(api, monkeypatch, how, message):
    monkeypatch.setattr(execution_environment, "INIT_SECONDS", 2.0)
    broken = api.publish(INIT=how)
    response, payload = api.invoke(broken)
    assert response["FunctionError"] == "Unhandled"
    assert message in payload.decode()
    assert api.state(broken) == "Active"


def test_a_version_without_its_image_fails_and_the_others_serve_on(rig, api):
    api.lambdas.update_function_code(FunctionName="api", ImageUri="127.0.0.1:1/none@sha256:" + "0" * 64)
    missing = api.publish()
    configuration = api.lambdas.get_function_configuration(FunctionName="api", Qualifier=missing)
    assert configuration["State"] == "Failed"
    assert "cannot be pulled" in configuration["StateReason"]
    assert rig.get("/api").status_code == 200
    api.lambdas.update_function_code(FunctionName="api", ImageUri=rig.bases["python"])


def test_the_output_is_in_the_log_group(rig):
    rig.get("/api/logged")
    logs = rig.client("logs")

    def messages():
        events = logs.filter_log_events(logGroupName="/aws/lambda/api")["events"]
        return "\n".join(event["message"] for event in events)

    until(lambda: "got /api/logged" in messages())
    assert "REPORT RequestId" in messages()


def test_invocations_and_errors_are_counted_by_version(rig):
    before = metric(rig, "Invocations"), metric(rig, "Errors")
    rig.get("/api")
    rig.get("/api/raise")
    assert metric(rig, "Invocations") == before[0] + 2
    assert metric(rig, "Errors") == before[1] + 1


def metric(rig, name):
    """The sum of the metric over version 1 behind the alias."""
    rig.functions._metrics.flush(now=True)
    where = {"FunctionName": "api", "Resource": "api:live", "ExecutedVersion": "1"}
    data = get_backend("cloudwatch")[rig.account][REGION].metric_data
    return sum(
        one.sum
        for one in data
        if one.name == name and {item.name: item.value for item in one.dimensions} == where
    )


def test_a_version_whose_containers_all_ended_starts_one(api):
    number = api.publish(COLD="yes")
    api.rig.functions._pools["api", number][1].reap(-1)
    until(lambda: not api.containers(number))
    api.invoke(number)
    assert len(api.containers(number)) == 1


def test_one_request_after_another_takes_one_container(rig, api):
    with httpx.Client() as client:
        assert {client.get(f"{rig.url}/api").status_code for _ in range(100)} == {200}
    assert len(api.containers("1")) <= 2


def test_a_deleted_function_leaves_no_container(rig, api):
    api.lambdas.delete_function(FunctionName="api")
    until(lambda: not api.containers())
    assert rig.get("/api").status_code == 502
