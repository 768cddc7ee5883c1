"""Facts about the running load balancer: how HAProxy routes to real targets."""

import socket

import httpx
import pytest
from moto.backends import get_backend

from pipeline.local.context import REGION
from tests.local.alb.rig import fixed
from tests.support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("site")]


def headers(rig, **request_headers):
    return dict(rig.get("/", headers=request_headers).json()["headers"])


def test_requests_go_round_among_healthy_targets(rig):
    until(lambda: rig.names() == {"one": 10, "two": 10})


def test_the_targets_learn_who_asks_and_how(rig):
    seen = headers(rig)
    assert seen["x-forwarded-for"] == rig.context.gateway
    assert seen["x-forwarded-proto"] == "http"
    assert seen["x-forwarded-port"] == str(rig.port)
    assert seen["x-amzn-trace-id"].startswith("Root=1-")
    assert len(seen["x-amzn-trace-id"]) == len("Root=1-") + 8 + 1 + 24


def test_forwarding_headers_are_appended_to(rig):
    seen = headers(rig, **{"x-forwarded-for": "1.2.3.4", "x-amzn-trace-id": "Root=1-a-b"})
    assert seen["x-forwarded-for"] == f"1.2.3.4, {rig.context.gateway}"
    assert seen["x-amzn-trace-id"].startswith("Self=1-")
    assert seen["x-amzn-trace-id"].endswith(";Root=1-a-b")


@pytest.mark.parametrize(
    ("path", "request_headers", "status"),
    [
        ("/" + "x" * 17_000, {}, 414),
        ("/", {"x": "y" * 17_000}, 400),
        ("/", {f"x{at}": "y" * 9_000 for at in range(8)}, 400),
        ("/", {f"x{at}": "y" * 6_000 for at in range(8)}, 200),
        ("/", {"x-forwarded-for": ", ".join(["1.2.3.4"] * 31)}, 463),
        ("/long?by=30000", {}, 200),
        ("/long?by=33000", {}, 502),
    ],
)
def test_limits_are_an_albs(rig, path, request_headers, status):
    assert rig.get(path, headers=request_headers).status_code == status


def test_trace_is_not_allowed(rig):
    assert httpx.request("TRACE", rig.url).status_code == 405


def test_a_malformed_request_is_answered_400(rig):
    with socket.create_connection(("127.0.0.1", rig.port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_rules_apply_by_priority_and_not_by_age(rig, site):
    late = rig.rule(site.listener, 20, fixed("late"), path_pattern=["/which*"])
    early = rig.rule(site.listener, 10, fixed("early"), path_pattern=["/which"])
    with late, early:
        assert rig.get("/which").text == "early"
        assert rig.get("/which/one").text == "late"
    assert rig.get("/which").json()["path"] == "/which"


@pytest.mark.parametrize(
    ("condition", "meets", "misses"),
    [
        ({"host_header": ["*.example.com"]}, {"headers": {"host": "A.Example.com:80"}}, {}),
        ({"http_request_method": ["PUT", "PATCH"]}, {"method": "PATCH"}, {"method": "POST"}),
        (
            {"http_header": {"HttpHeaderName": "X-Kind", "Values": ["a?c", "z*"]}},
            {"headers": {"x-kind": "ABC"}},
            {"headers": {"x-kind": "abbc"}},
        ),
        ({"query_string": [{"Key": "v", "Value": "1"}]}, {"params": "a=2&V=1"}, {"params": "v=12"}),
        ({"query_string": [{"Value": "*x*"}]}, {"params": "a=axb"}, {"params": "x=a"}),
        ({"source_ip": ["172.16.0.0/12", "192.168.0.0/16", "10.0.0.0/8"]}, {}, None),
        ({"source_ip": ["203.0.113.0/24"]}, None, {}),
    ],
)
def test_every_kind_of_condition_decides(rig, site, condition, meets, misses):
    def met(more):
        request = {"method": "GET", "url": f"{rig.url}/cond", **more}
        return httpx.request(**request).text == "met"

    with rig.rule(site.listener, 5, fixed("met"), path_pattern=["/cond"], **condition):
        assert meets is None or met(meets)
        assert misses is None or not met(misses)


def test_a_redirect_keeps_what_it_is_not_told(rig, site):
    config = {"Protocol": "HTTPS", "Port": "443", "Path": "/new/#{path}", "StatusCode": "HTTP_301"}
    action = {"Type": "redirect", "RedirectConfig": config}
    with rig.rule(site.listener, 6, action, path_pattern=["/old*"]):
        assert rig.get("/old").status_code == 301
        assert rig.get("/old/a?b=c").headers["location"] == "https://127.0.0.1:443/new/old/a?b=c"
        assert rig.get("/old").headers["location"] == "https://127.0.0.1:443/new/old"


def test_a_configuration_about_stickiness_alone_leaves_the_group_beside_it(rig, site):
    """What Terraform's provider sends when a rule with two groups becomes one with a single group."""
    config = {"TargetGroupStickinessConfig": {"Enabled": False}}
    action = {"Type": "forward", "TargetGroupArn": site.group, "ForwardConfig": config}
    with rig.rule(site.listener, 8, action, path_pattern=["/alone"]):
        until(lambda: rig.get("/alone").status_code == 200)


def test_weights_share_the_traffic_and_a_cookie_keeps_the_draw(rig, site):
    first, second = rig.group(), rig.group()
    shares = [{"TargetGroupArn": first, "Weight": 3}, {"TargetGroupArn": second, "Weight": 1}]
    config = {
        "TargetGroups": shares,
        "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60},
    }
    action = {"Type": "forward", "ForwardConfig": config}
    rig.register(first, site.one)
    rig.register(second, site.two)
    with rig.rule(site.listener, 7, action, path_pattern=["/weighted"]):
        until(lambda: set(rig.names(30, "/weighted")) == {"one", "two"})
        drawn = rig.names(200, "/weighted")
        assert 110 < drawn["one"] < 190
        with httpx.Client() as client:
            kept = {client.get(f"{rig.url}/weighted").json()["name"] for _ in range(20)}
        assert len(kept) == 1


def test_a_sticky_client_stays_with_its_target(rig, site):
    rig.set_attributes(
        site.group,
        {"stickiness.enabled": "true", "stickiness.lb_cookie.duration_seconds": "60"},
    )
    until(lambda: "AWSALB" in rig.get("/").cookies)
    with httpx.Client() as client:
        assert len({client.get(rig.url).json()["name"] for _ in range(10)}) == 1
    rig.set_attributes(site.group, {"stickiness.enabled": "false"})
    until(lambda: "AWSALB" not in rig.get("/").cookies)


def test_a_sticky_client_goes_to_another_target_when_its_own_leaves(rig, site):
    attributes = {"stickiness.enabled": "true", "stickiness.lb_cookie.duration_seconds": "60"}
    rig.set_attributes(site.group, attributes)
    until(lambda: "AWSALB" in rig.get("/").cookies)
    with httpx.Client() as client:
        kept = client.get(rig.url).json()["name"]
        leaving = site.one if kept == "one" else site.two
        targets = [{"Id": leaving, "Port": 8080}]
        rig.elb.deregister_targets(TargetGroupArn=site.group, Targets=targets)
        until(lambda: client.get(rig.url).json()["name"] != kept)
        answers = [client.get(rig.url) for _ in range(10)]
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["name"] for answer in answers}) == 1
    rig.register(site.group, leaving)
    rig.set_attributes(site.group, {"stickiness.enabled": "false"})
    until(lambda: set(rig.names()) == {"one", "two"})


def test_listener_attributes_reach_every_answer(rig, site):
    attribute = "routing.http.response.x_content_type_options.header_value"
    attributes = [
        {"Key": attribute, "Value": "nosniff"},
        {"Key": "routing.http.response.server.enabled", "Value": "false"},
    ]
    rig.elb.modify_listener_attributes(ListenerArn=site.listener, Attributes=attributes)
    until(lambda: rig.get("/").headers.get("x-content-type-options") == "nosniff")
    assert "server" not in rig.get("/").headers


def test_requests_are_counted(rig):
    before = count_request(rig, "RequestCount")
    for _ in range(5):
        rig.get("/")
    until(lambda: count_request(rig, "RequestCount") >= before + 5)
    before = count_request(rig, "HTTPCode_Target_5XX_Count")
    rig.get("/status?is=503")
    until(lambda: count_request(rig, "HTTPCode_Target_5XX_Count") == before + 1)


def count_request(rig, metric):
    data = get_backend("cloudwatch")[rig.account][REGION].metric_data
    return sum(one.sum for one in data if one.name == metric and len(one.dimensions) == 2)
