"""The API shows targets by health, the function's versions and holds; and says what it cannot know."""

import socket
import time

import pytest
from botocore.stub import Stubber

from pipeline.core.values import Commit, Source
from pipeline.deploy.store.holds import Hold
from pipeline.deploy.store.lock import held

pytestmark = pytest.mark.slow

BALANCER = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shop-prod/1"
GROUP = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup"


@pytest.fixture
def aws(example, api, monkeypatch, reconnect):  # noqa: ARG001 - `api` sets the other variables first
    """Answers of the two services; each is checked against the service's model."""
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("TANDEM_LOAD_BALANCER", BALANCER)
    monkeypatch.setenv("TANDEM_FUNCTION", "shop-prod-api")
    reconnect()
    serving = example("console.serving")
    stubs = {name: Stubber(serving._client(name)) for name in ("elbv2", "lambda")}
    for each in stubs.values():
        each.activate()
    return stubs


def _groups(elb, *states):
    """Target groups of app and API, whose targets have these states."""
    names = ["shop-prod-app-1a2b", "shop-prod-api-3c4d"]
    groups = [{"TargetGroupArn": f"{GROUP}/{name}/1", "TargetGroupName": name} for name in names]
    elb.add_response("describe_target_groups", {"TargetGroups": groups}, {"LoadBalancerArn": BALANCER})
    for group, of_group in zip(groups, states, strict=True):
        health = [
            {"Target": {"Id": str(number)}, "TargetHealth": {"State": state}}
            for number, state in enumerate(of_group)
        ]
        elb.add_response(
            "describe_target_health",
            {"TargetHealthDescriptions": health},
            {"TargetGroupArn": group["TargetGroupArn"]},
        )


def _alias(functions, version, **weights):
    routing = {"AdditionalVersionWeights": weights} if weights else {}
    answer = {"FunctionVersion": version, "RoutingConfig": routing}
    functions.add_response("get_alias", answer, {"FunctionName": "shop-prod-api", "Name": "live"})


def test_the_health_of_both_target_groups_and_a_canary_are_shown(api, aws):
    _groups(aws["elbv2"], ["healthy", "healthy", "draining"], ["unavailable"])
    _alias(aws["lambda"], "7", **{"8": 0.05})
    assert api.get("/api/status").json()["serving"] == {
        "targets": [
            {"group": "api", "states": {"unavailable": 1}},
            {"group": "app", "states": {"healthy": 2, "draining": 1}},
        ],
        "versions": [{"version": "7", "percent": 95.0}, {"version": "8", "percent": 5.0}],
        "unknown": "",
    }


def test_a_version_without_a_share_is_not_shown(api, aws):
    _groups(aws["elbv2"], [], [])
    _alias(aws["lambda"], "7", **{"8": 1.0})
    assert api.get("/api/status").json()["serving"]["versions"] == [{"version": "8", "percent": 100.0}]


def test_an_api_that_runs_as_tasks_has_no_versions(api, aws):
    _groups(aws["elbv2"], [], [])
    aws["lambda"].add_client_error("get_alias", "ResourceNotFoundException")
    serving = api.get("/api/status").json()["serving"]
    assert (serving["versions"], serving["unknown"]) == ([], "")


def test_what_aws_refuses_is_unknown_with_the_reason_and_without_the_account(api, aws):
    secret = "arn:aws:sts::123456789012:assumed-role/shop-prod-function is not authorized"
    aws["elbv2"].add_client_error("describe_target_groups", "AccessDenied", secret)
    _alias(aws["lambda"], "7")
    answer = api.get("/api/status")
    serving = answer.json()["serving"]
    assert (serving["targets"], serving["unknown"]) == (None, "AWS refuses it: AccessDenied.")
    assert serving["versions"] == [{"version": "7", "percent": 100.0}]
    assert "123456789012" not in answer.text


@pytest.fixture
def silent():
    """An address that takes connections and answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.usefixtures("aws")
def test_an_aws_that_cannot_be_reached_is_said(api, monkeypatch, reconnect):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    reconnect()
    serving = api.get("/api/status").json()["serving"]
    assert serving == {"targets": None, "versions": None, "unknown": "AWS does not answer."}


@pytest.mark.usefixtures("aws")
def test_an_aws_that_is_silent_does_not_hold_up_the_answer(api, example, monkeypatch, reconnect, silent):
    monkeypatch.setenv("AWS_ENDPOINT_URL", silent)
    reconnect()
    for service in ("elbv2", "lambda"):
        example("console.serving")._client(service)  # reading the service's model takes a while
    began = time.monotonic()
    assert api.get("/api/status").json()["serving"]["unknown"] == "AWS does not answer."
    assert time.monotonic() - began < 5.0, "it waits once, for two seconds"


def test_aws_is_asked_once_for_requests_within_seconds(api, aws):
    _groups(aws["elbv2"], ["healthy"], [])
    _alias(aws["lambda"], "7")
    first = api.get("/api/status").json()
    assert api.get("/api/status").json() == first, "a second question has no answer here"
    assert first["serving"]["unknown"] == ""


def test_an_unknown_part_is_asked_for_again_after_a_minute_only(api, aws, example, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(example("console.serving").time, "monotonic", lambda: clock[0])
    aws["elbv2"].add_client_error("describe_target_groups", "AccessDenied")
    _alias(aws["lambda"], "7")
    assert api.get("/api/status").json()["serving"]["unknown"]
    _groups(aws["elbv2"], ["healthy"], [])
    _alias(aws["lambda"], "7")
    clock[0] += 59
    assert api.get("/api/status").json()["serving"]["unknown"]
    clock[0] += 2
    assert api.get("/api/status").json()["serving"]["unknown"] == ""


def test_an_api_that_is_told_of_no_load_balancer_says_so(api):
    assert api.get("/api/status").json()["serving"] == {
        "targets": None,
        "versions": None,
        "unknown": "This API is not told what to ask AWS for.",
    }


def _hold(store, *avoid, why="broken menu", expires=""):
    commit = Commit(Source.APP, "1" * 40, "Change the menu")
    hold = Hold(commit, avoid, why, "erika@laptop", "2026-01-02T00:00:00Z", expires)
    with held(store.objects, "hold", wait=1) as lease:
        store.set_holds({Source.APP: hold}, lease.token)


def test_a_hold_shows_its_commit_and_reason_and_nobody(api, store):
    _hold(store, "2" * 40, why="arn:aws:ecs:eu-central-1:123456789012:service/shop fails")
    answer = api.get("/api/status")
    assert answer.json()["holds"] == [
        {
            "source": "app",
            "commit": {"id": "1" * 40, "subject": "Change the menu"},
            "pinned": False,
            "why": "shop fails",
            "since": "2026-01-02T00:00:00Z",
            "expires": None,
        }
    ]
    assert "erika" not in answer.text


def test_a_hold_of_every_head_is_a_pin(api, store):
    _hold(store, expires="2026-02-01T00:00:00Z")
    (shown,) = api.get("/api/status").json()["holds"]
    assert (shown["pinned"], shown["expires"]) == (True, "2026-02-01T00:00:00Z")


def test_whether_waiting_triggers_are_known_is_said(api, reconnect, monkeypatch, tmp_path):
    assert api.get("/api/queue").json()["waiting_known"] is False
    monkeypatch.setenv("TANDEM_QUEUE", str(tmp_path / "queue"))
    reconnect()
    assert api.get("/api/queue").json()["waiting_known"] is True


@pytest.mark.usefixtures("aws")
def test_an_api_in_no_region_says_so(api, monkeypatch, reconnect, tmp_path):
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    reconnect()
    serving = api.get("/api/status").json()["serving"]
    assert serving == {"targets": None, "versions": None, "unknown": "AWS does not answer."}
