"""Facts about running functions: containers behind HAProxy and Lambda's Invoke."""

import json
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from botocore.exceptions import ClientError
from moto.backends import get_backend

from pipeline.local.context import REGION
from pipeline.local.functions import instance
from tests.local.edge.rig import until

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("api")]


def test_a_request_becomes_an_event_and_the_answer_a_response(rig, api):
    response = rig.get("/api/a%20b?x=1%202&x=3", headers={"X-One": "1"})
    event = response.json()["event"]
    assert response.headers["content-type"] == "application/json"
    assert response.headers["server"] == "awselb/2.0"
    assert event["requestContext"]["elb"]["targetGroupArn"] == api.group
    assert (event["path"], event["queryStringParameters"]) == ("/api/a%20b", {"x": "3"})
    assert event["headers"]["x-one"] == "1"
    assert event["headers"]["x-forwarded-for"] == rig.context.gateway
    assert not [name for name in event["headers"] if "tandem" in name]


def test_multi_value_headers_are_the_target_groups_choice(rig, api):
    def choose(value):
        key = "lambda.multi_value_headers.enabled"
        rig.elb.modify_target_group_attributes(
            TargetGroupArn=api.group, Attributes=[{"Key": key, "Value": value}]
        )

    choose("true")
    # The function answers with `headers` only, which do not count now.
    response = rig.get("/api?x=1&x=2")
    choose("false")
    assert "content-type" not in response.headers
    assert response.json()["event"]["multiValueQueryStringParameters"] == {"x": ["1", "2"]}


def test_the_function_is_confined(rig):
    facts = rig.get("/api/facts").json()["facts"]
    assert facts["user"] == 993
    assert int(facts["capabilities"], 16) == 0
    assert facts["no_new_privileges"] == "1"
    assert facts["root"] == "Read-only file system"
    assert facts["tmp"] == "written"


def test_the_function_finds_the_variables_that_lambda_sets(rig):
    seen = rig.get("/api/facts").json()["facts"]["environment"]
    assert seen["COLOUR"] == "blue"
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == "api"
    assert seen["AWS_LAMBDA_FUNCTION_VERSION"] == "1"
    assert seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert seen["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/api"
    assert seen["AWS_REGION"] == REGION


@pytest.mark.parametrize(
    "path",
    ["/api/raise", "/api/exit", "/api/eat", "/api/no-response", "/api/big?by=1048576", "/api/sleep?for=5"],
)
def test_what_is_no_good_answer_is_a_502(rig, path):
    began = time.monotonic()
    assert rig.get(path).status_code == 502
    assert time.monotonic() - began < 4
    assert rig.get("/api").status_code == 200


def test_an_answer_just_under_the_limit_arrives(rig):
    assert len(rig.get("/api/big?by=1048000").content) == 1_048_000


@pytest.mark.parametrize("chunked", [False, True])
def test_a_request_over_a_megabyte_is_a_413(rig, chunked):
    body = b"x" * (1 << 20)
    send = (lambda data: iter([data])) if chunked else bytes
    kind, url = {"content-type": "text/plain"}, f"{rig.url}/api/length"
    assert httpx.post(url, content=send(body), headers=kind).text == str(1 << 20)
    assert httpx.post(url, content=send(body + b"x"), headers=kind).status_code == 413


def test_a_client_that_waits_for_leave_to_send_does_not_wait_long(rig):
    given = {"content-type": "text/plain", "expect": "100-continue", "content-length": "2"}
    with socket.create_connection(("127.0.0.1", rig.port), timeout=5) as connection:
        head = "".join(f"{name}: {value}\r\n" for name, value in {"host": "a", **given}.items())
        connection.sendall(f"POST /api/length HTTP/1.1\r\n{head}\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        connection.sendall(b"ab")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_function_is_checked_only_where_its_target_group_says(rig, api):
    alias = rig.elb.describe_target_health(TargetGroupArn=api.group)["TargetHealthDescriptions"]
    assert alias[0]["TargetHealth"]["State"] == "unavailable"
    given = {"HealthCheckEnabled": True, "HealthCheckPath": "/health", "HealthCheckIntervalSeconds": 35}
    made = rig.elb.create_target_group(Name="checked", TargetType="lambda", **given)
    group = made["TargetGroups"][0]["TargetGroupArn"]
    target = {"Id": alias[0]["Target"]["Id"]}
    rig.elb.register_targets(TargetGroupArn=group, Targets=[target])
    listener = rig.elb.describe_listeners(LoadBalancerArn=balancer(rig))["Listeners"][0]["ListenerArn"]
    forward = {"Type": "forward", "TargetGroupArn": group}
    with rig.rule(listener, 2, forward, path_pattern=["/checked"]):
        until(lambda: rig.context.health.get(group, (target["Id"], 0)).state == "healthy")


def balancer(rig):
    return rig.elb.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]


def test_a_websocket_is_a_400(rig):
    asked = {"connection": "upgrade", "upgrade": "websocket"}
    assert rig.get("/api", headers=asked).status_code == 400


def test_a_head_request_has_no_body(rig):
    response = httpx.head(f"{rig.url}/api")
    assert (response.status_code, response.content) == (200, b"")


def test_over_the_reserved_concurrency_requests_are_throttled_and_static_content_is_not(rig, api):
    """Two at once may run; all others get 502 at once, and nobody else notices."""
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
    assert rig.get("/api").status_code == 200


def test_a_timeout_ends_the_container(rig, api):
    before = {one.id for one in api.containers()}
    assert rig.get("/api/sleep?for=5").status_code == 502
    until(lambda: before - {one.id for one in api.containers()})


def test_a_version_can_be_invoked_directly(api):
    given, payload = api.invoke("1", b'{"path": "/x"}')
    assert (given["StatusCode"], given["ExecutedVersion"]) == (200, "1")
    assert json.loads(json.loads(payload)["body"])["event"] == {"path": "/x"}


def test_an_error_is_told_by_header(api):
    given, payload = api.invoke("live", b'{"path": "/raise"}')
    assert given["FunctionError"] == "Unhandled"
    assert json.loads(payload)["errorType"] == "ValueError"


def test_a_timeout_is_told_as_lambda_tells_it(api):
    event = {"path": "/sleep", "queryStringParameters": {"for": "5"}}
    given, payload = api.invoke("live", json.dumps(event).encode())
    assert given["FunctionError"] == "Unhandled"
    assert "Task timed out after 1.00 seconds" in json.loads(payload)["errorMessage"]


def test_an_alias_draws_by_weight(rig, api):
    second = api.publish(COLOUR="green")
    api.point("1", **{second: 0.25})
    drawn = Counter(rig.get("/api").json()["version"] for _ in range(200))
    api.point("1")
    assert 25 < drawn[second] < 80
    assert {rig.get("/api").json()["version"] for _ in range(20)} == {"1"}


@pytest.mark.parametrize(
    ("how", "said"), [("error", "no module named sea"), ("exit", "Runtime.ExitError"), ("slow", "timed out")]
)
def test_code_that_does_not_start_fails_each_invocation(api, monkeypatch, how, said):
    monkeypatch.setattr(instance, "INIT_SECONDS", 2.0)
    broken = api.publish(INIT=how)
    given, payload = api.invoke(broken)
    assert given["FunctionError"] == "Unhandled"
    assert said in payload.decode()
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
        found = logs.filter_log_events(logGroupName="/aws/lambda/api")["events"]
        return "\n".join(event["message"] for event in found)

    until(lambda: "got /api/logged" in messages())
    assert "REPORT RequestId" in messages()


def test_invocations_and_errors_are_counted_by_version(rig):
    before = metric(rig, "Invocations"), metric(rig, "Errors")
    rig.get("/api")
    rig.get("/api/raise")
    assert metric(rig, "Invocations") == before[0] + 2
    assert metric(rig, "Errors") == before[1] + 1


def metric(rig, name):
    """The sum over what the alias's version 1 did."""
    rig.functions._meter.flush(now=True)
    where = {"FunctionName": "api", "Resource": "api:live", "ExecutedVersion": "1"}
    data = get_backend("cloudwatch")[rig.account][REGION].metric_data
    return sum(
        one.sum
        for one in data
        if one.name == name and {item.name: item.value for item in one.dimensions} == where
    )


def test_a_cold_function_answers_within_seconds(api):
    """From the invocation on: container, Python, the runtime's first question, the answer."""
    number = api.publish(COLD="yes")
    api.rig.functions._fleets["api", number][1].reap(-1)
    began = time.monotonic()
    api.invoke(number)
    assert time.monotonic() - began < 10


def test_a_warm_function_answers_in_milliseconds(rig, api):
    with httpx.Client() as client:
        seconds = sorted(timed(client, f"{rig.url}/api") for _ in range(300))
    assert seconds[150] < 0.02
    assert len(api.containers("1")) <= 2


def timed(client, url):
    began = time.perf_counter()
    assert client.get(url).status_code == 200
    return time.perf_counter() - began


def test_a_deleted_function_leaves_no_container(rig, api):
    api.lambdas.delete_function(FunctionName="api")
    until(lambda: not api.containers())
    assert rig.get("/api").status_code == 502
