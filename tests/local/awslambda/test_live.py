"""Facts about running functions: containers behind HAProxy and Lambda's Invoke."""

import socket

import boto3
import httpx
import pytest

from pipeline.local.context import REGION
from tests.support.waiting import until

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


def test_the_function_reaches_aws_with_the_keys_of_its_role(rig):
    facts = rig.get("/api/facts").json()["facts"]
    seen = facts["environment"]
    client = boto3.client(
        "sts",
        endpoint_url=seen["AWS_ENDPOINT_URL"],
        region_name=REGION,
        aws_access_key_id=seen["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=seen["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=seen["AWS_SESSION_TOKEN"],
    )
    assert ":assumed-role/api/api" in client.get_caller_identity()["Arn"]
    assert facts["unsigned"] == 403, "it gets through to the control plane, which wants a signature"


@pytest.mark.parametrize(
    "path",
    ["/api/raise", "/api/exit", "/api/eat", "/api/no-response", "/api/big?by=1048576", "/api/sleep?for=5"],
)
def test_what_is_no_good_answer_is_a_502(rig, path):
    assert rig.get(path).status_code == 502
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
    headers = {"content-type": "text/plain", "expect": "100-continue", "content-length": "2"}
    with socket.create_connection(("127.0.0.1", rig.port), timeout=5) as connection:
        head = "".join(f"{name}: {value}\r\n" for name, value in {"host": "a", **headers}.items())
        connection.sendall(f"POST /api/length HTTP/1.1\r\n{head}\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        connection.sendall(b"ab")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_function_is_checked_only_where_its_target_group_says(rig, api):
    alias = rig.elb.describe_target_health(TargetGroupArn=api.group)["TargetHealthDescriptions"]
    assert alias[0]["TargetHealth"]["State"] == "unavailable"
    health_check = {
        "HealthCheckEnabled": True,
        "HealthCheckPath": "/health",
        "HealthCheckIntervalSeconds": 35,
    }
    made = rig.elb.create_target_group(Name="checked", TargetType="lambda", **health_check)
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
