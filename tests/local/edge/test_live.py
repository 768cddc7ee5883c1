"""Facts about the running edge: HAProxy in a container, real targets behind it."""

import socket
import time
from collections import Counter

import httpx
import pytest
from moto.backends import get_backend

from pipeline.local.context import REGION
from tests.local.edge.rig import fixed, until

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("site")]

NOT_FOUND = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}


def forward(*groups, **weights):
    shares = [{"TargetGroupArn": group, "Weight": 1} for group in groups]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": shares, **weights}}


@pytest.fixture(scope="module")
def site(rig):
    """A listener, and two targets behind its default action."""

    class Site:
        listener = rig.listen(NOT_FOUND)
        group = rig.group()
        one, two = rig.target("one"), rig.target("two")

    rig.elb.modify_listener(ListenerArn=Site.listener, DefaultActions=[forward(Site.group)])
    set_attributes(rig, Site.group, {"deregistration_delay.timeout_seconds": "2"})
    rig.register(Site.group, Site.one, Site.two)
    for address in (Site.one, Site.two):
        rig.until_state(Site.group, address, "healthy")
    rig.until_served("/")
    return Site


def set_attributes(rig, group, attributes):
    given = [{"Key": key, "Value": value} for key, value in attributes.items()]
    rig.elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=given)


def names(rig, count=20, path="/"):
    """Who answered how often; other answers by their status."""
    responses = [rig.get(path) for _ in range(count)]
    return Counter(
        response.json()["name"] if response.status_code == 200 else response.status_code
        for response in responses
    )


def headers(rig, **given):
    return dict(rig.get("/", headers=given).json()["headers"])


def test_requests_go_round_among_healthy_targets(rig):
    until(lambda: names(rig) == {"one": 10, "two": 10})


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
    ("path", "given", "status"),
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
def test_limits_are_an_albs(rig, path, given, status):
    assert rig.get(path, headers=given).status_code == status


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
        given = {"method": "GET", "url": f"{rig.url}/cond", **more}
        return httpx.request(**given).text == "met"

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
        until(lambda: set(names(rig, 30, "/weighted")) == {"one", "two"})
        drawn = names(rig, 200, "/weighted")
        assert 110 < drawn["one"] < 190
        with httpx.Client() as client:
            kept = {client.get(f"{rig.url}/weighted").json()["name"] for _ in range(20)}
        assert len(kept) == 1


def test_a_sticky_client_stays_with_its_target(rig, site):
    set_attributes(
        rig,
        site.group,
        {"stickiness.enabled": "true", "stickiness.lb_cookie.duration_seconds": "60"},
    )
    until(lambda: "AWSALB" in rig.get("/").cookies)
    with httpx.Client() as client:
        assert len({client.get(rig.url).json()["name"] for _ in range(10)}) == 1
    set_attributes(rig, site.group, {"stickiness.enabled": "false"})
    until(lambda: "AWSALB" not in rig.get("/").cookies)


def test_listener_attributes_reach_every_answer(rig, site):
    attribute = "routing.http.response.x_content_type_options.header_value"
    given = [
        {"Key": attribute, "Value": "nosniff"},
        {"Key": "routing.http.response.server.enabled", "Value": "false"},
    ]
    rig.elb.modify_listener_attributes(ListenerArn=site.listener, Attributes=given)
    until(lambda: rig.get("/").headers.get("x-content-type-options") == "nosniff")
    assert "server" not in rig.get("/").headers


def test_a_failed_target_gets_nothing_until_it_has_passed_often_enough(rig, site):
    httpx.get(f"http://{site.one}:8080/fall")
    rig.until_state(site.group, site.one, "unhealthy")
    until(lambda: set(names(rig)) == {"two"})
    httpx.get(f"http://{site.one}:8080/rise")
    rig.until_state(site.group, site.one, "healthy")
    until(lambda: set(names(rig)) == {"one", "two"})


def test_when_all_have_failed_all_serve(rig, site):
    for address in (site.one, site.two):
        httpx.get(f"http://{address}:8080/fall")
    for address in (site.one, site.two):
        rig.until_state(site.group, address, "unhealthy")
    until(lambda: set(names(rig)) == {"one", "two"})
    for address in (site.one, site.two):
        httpx.get(f"http://{address}:8080/rise")
    for address in (site.one, site.two):
        rig.until_state(site.group, address, "healthy")


def test_a_target_that_refuses_is_a_502(rig, site):
    group = rig.group(Port=9, HealthCheckPort="8080")
    rig.elb.register_targets(TargetGroupArn=group, Targets=[{"Id": site.one, "Port": 9}])
    with rig.rule(site.listener, 8, forward(group), path_pattern=["/refused"]):
        rig.until_served("/refused", 502)


def test_a_group_without_targets_is_a_503(rig, site):
    with rig.rule(site.listener, 9, forward(rig.group()), path_pattern=["/nobody"]):
        rig.until_served("/nobody", 503)


def test_targets_come_and_go_without_a_failed_request(rig, site):
    """The drained target ends what it has; what comes after goes elsewhere."""
    three = rig.target("three")
    with rig.load("/sleep?for=0.05") as seen:
        for _ in range(3):
            rig.register(site.group, three)
            rig.until_state(site.group, three, "healthy")
            rig.deregister(site.group, site.one)
            rig.until_state(site.group, site.one, "draining")
            time.sleep(0.3)
            rig.register(site.group, site.one)
            rig.until_state(site.group, site.one, "healthy")
            rig.deregister(site.group, three)
            rig.until_state(site.group, three, "draining")
    assert seen.errors == []
    assert Counter(seen.statuses).keys() == {200}
    assert len(seen.statuses) > 50


def test_a_drained_target_finishes_its_request(rig, site):
    four, group = rig.target("four"), rig.group()
    rig.register(group, four)
    with rig.rule(site.listener, 11, forward(group), path_pattern=["/sleep"]):
        until(lambda: names(rig, 1, "/sleep?for=0") == {"four": 1})
        with rig.load("/sleep?for=1", clients=1) as seen:
            time.sleep(0.3)
            rig.deregister(group, four)
            time.sleep(0.4)
            assert rig.get("/sleep?for=0").status_code == 503
    assert seen.statuses[0] == 200


def test_reloads_lose_no_request(rig, site):
    with rig.load("/sleep?for=0.02") as seen:
        for at in range(5):
            with rig.rule(site.listener, 12, fixed(str(at)), path_pattern=["/at"]):
                assert rig.get("/at").text == str(at)
    assert seen.errors == []
    assert Counter(seen.statuses).keys() == {200}
    assert len(seen.statuses) > 50


def test_a_client_that_was_idle_over_a_reload_reaches_no_target_that_left(rig, site):
    """Its connection is closed soon after the reload; it opens another."""
    with httpx.Client() as client:
        client.get(rig.url)
        with rig.rule(site.listener, 13, fixed("x"), path_pattern=["/reload"]):
            rig.deregister(site.group, site.one)
            until(lambda: set(names(rig)) == {"two"})
            time.sleep(5)
            assert client.get(rig.url).json()["name"] == "two"
    rig.register(site.group, site.one)
    rig.until_state(site.group, site.one, "healthy")


def test_a_configuration_that_haproxy_refuses_leaves_the_one_before(rig, site):
    bad = {"HttpHeaderName": "a b(", "Values": ["x"]}
    with rig.rule(site.listener, 14, fixed("x"), http_header=bad):
        until(lambda: "the one before stays: " in rig.edge.problem)
        assert rig.get("/").status_code == 200
        rig.context.docker.containers.get(rig.context.name("edge")).kill()
        until(lambda: rig.answers() and rig.get("/").status_code == 200)
    until(lambda: not rig.edge.problem)


def test_what_the_edge_cannot_do_is_said_and_nothing_changes(rig, site):
    action = {
        "Type": "authenticate-cognito",
        "Order": 1,
        "AuthenticateCognitoConfig": {
            "UserPoolArn": "arn:aws:cognito-idp:eu-central-1:1:userpool/a",
            "UserPoolClientId": "a",
            "UserPoolDomain": "a",
        },
    }
    rig.elb.modify_listener(ListenerArn=site.listener, DefaultActions=[action])
    until(lambda: "authenticate-cognito" in rig.edge.problem)
    assert rig.get("/").status_code == 200
    rig.deregister(site.group, site.two)
    until(lambda: set(names(rig)) == {"one"})
    rig.register(site.group, site.two)
    rig.elb.modify_listener(ListenerArn=site.listener, DefaultActions=[forward(site.group)])
    until(lambda: not rig.edge.problem)


def test_a_killed_haproxy_comes_back_with_its_configuration(rig):
    rig.context.docker.containers.get(rig.context.name("edge")).kill()

    def served():
        try:
            return set(names(rig)) == {"one", "two"}
        except httpx.HTTPError:
            return False

    until(served)


def test_requests_are_counted(rig):
    before = counted(rig, "RequestCount")
    for _ in range(5):
        rig.get("/")
    until(lambda: counted(rig, "RequestCount") >= before + 5)
    before = counted(rig, "HTTPCode_Target_5XX_Count")
    rig.get("/status?is=503")
    until(lambda: counted(rig, "HTTPCode_Target_5XX_Count") == before + 1)


def counted(rig, metric):
    data = get_backend("cloudwatch")[rig.account][REGION].metric_data
    return sum(one.sum for one in data if one.name == metric and len(one.dimensions) == 2)
