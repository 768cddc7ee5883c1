"""Facts about the running load balancer while targets change and HAProxy reloads or is killed."""

import time
from collections import Counter

import httpx
import pytest

from pipeline.local.alb import haproxy_config
from pipeline.local.alb.haproxy import HAProxy
from tests.local.alb.rig import fixed, forward
from tests.support.waiting import until

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("site")]


def test_a_failed_target_gets_nothing_until_it_has_passed_often_enough(rig, site):
    httpx.get(f"http://{site.one}:8080/fall")
    rig.until_state(site.group, site.one, "unhealthy")
    until(lambda: set(rig.names()) == {"two"})
    httpx.get(f"http://{site.one}:8080/rise")
    rig.until_state(site.group, site.one, "healthy")
    until(lambda: set(rig.names()) == {"one", "two"})


def test_when_all_have_failed_all_serve(rig, site):
    for address in (site.one, site.two):
        httpx.get(f"http://{address}:8080/fall")
    for address in (site.one, site.two):
        rig.until_state(site.group, address, "unhealthy")
    until(lambda: set(rig.names()) == {"one", "two"})
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
    """The draining target finishes its requests; later ones go to the other target."""
    three = rig.target("three")
    with rig.load("/sleep?for=0.05") as seen:
        for _ in range(3):
            rig.register(site.group, three)
            rig.until_state(site.group, three, "healthy")
            rig.deregister(site.group, site.one)
            rig.until_left(site.group, site.one)
            time.sleep(0.3)
            rig.register(site.group, site.one)
            rig.until_state(site.group, site.one, "healthy")
            rig.deregister(site.group, three)
            rig.until_left(site.group, three)
    assert seen.errors == []
    assert Counter(seen.statuses).keys() == {200}
    assert len(seen.statuses) > 50


def test_a_drained_target_finishes_its_request(rig, site):
    four, group = rig.target("four"), rig.group()
    rig.register(group, four)
    with rig.rule(site.listener, 11, forward(group), path_pattern=["/sleep"]):
        until(lambda: rig.names(1, "/sleep?for=0") == {"four": 1})
        with rig.load("/sleep?for=1", clients=1) as seen:
            time.sleep(0.3)
            rig.deregister(group, four)
            time.sleep(0.4)
            assert rig.get("/sleep?for=0").status_code == 503
    assert seen.statuses[0] == 200


def test_a_target_without_requests_is_drained_long_before_its_delay_is_over(rig, site):
    five, six, group = rig.target("five"), rig.target("six"), rig.group()
    rig.set_attributes(group, {"deregistration_delay.timeout_seconds": "300"})
    rig.register(group, five, six)
    with rig.rule(site.listener, 15, forward(group), path_pattern=["/sleep"]):
        until(lambda: set(rig.names(path="/sleep?for=0")) == {"five", "six"})
        time.sleep(4)  # until the workers before the reload have ended
        with rig.load("/sleep?for=2", clients=4) as seen:
            until(lambda: len(seen.statuses) >= 4)
            rig.deregister(group, five)
            rig.until_state(group, five, "draining")
            time.sleep(1)
            assert rig.state(group, five) == "draining"  # it still answers requests
            rig.until_left(group, five)
            rig.deregister(group, six)
    assert set(seen.statuses) <= {200, 503}
    assert seen.errors == []


def test_reloads_lose_no_request(rig, site):
    with rig.load("/sleep?for=0.02") as seen:
        for at in range(5):
            with rig.rule(site.listener, 12, fixed(str(at)), path_pattern=["/at"]):
                assert rig.get("/at").text == str(at)
    assert seen.errors == []
    assert Counter(seen.statuses).keys() == {200}
    assert len(seen.statuses) > 50


def test_a_client_that_was_idle_over_a_reload_reaches_no_target_that_left(rig, site):
    """HAProxy closes its connection soon after the reload; the client opens another."""
    with httpx.Client() as client:
        client.get(rig.url)
        with rig.rule(site.listener, 13, fixed("x"), path_pattern=["/reload"]):
            rig.deregister(site.group, site.one)
            until(lambda: set(rig.names()) == {"two"})
            time.sleep(5)
            assert client.get(rig.url).json()["name"] == "two"
    rig.register(site.group, site.one)
    rig.until_state(site.group, site.one, "healthy")


def test_a_configuration_that_haproxy_refuses_leaves_the_one_before(rig, site, monkeypatch):
    """ELBv2 accepts nothing that leads to one, so the test adds a line that HAProxy does not know."""
    text = haproxy_config.text

    def with_nonsense(config, *rest):
        is_bad = any("/refused" in each.values for rule in config.rules for each in rule.conditions)
        return text(config, *rest) + ("nonsense\n" if is_bad else "")

    monkeypatch.setattr(haproxy_config, "text", with_nonsense)
    with rig.rule(site.listener, 14, fixed("x"), path_pattern=["/refused"]):
        until(lambda: "the one before stays: " in rig.load_balancer.problem)
        assert rig.get("/").status_code == 200
        rig.context.docker.containers.get(rig.context.name("alb")).kill()
        until(lambda: rig.answers() and rig.get("/").status_code == 200)
    until(lambda: not rig.load_balancer.problem)


def test_an_unsupported_action_is_reported_and_changes_nothing(rig, site):
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
    until(lambda: "authenticate-cognito" in rig.load_balancer.problem)
    assert rig.get("/").status_code == 200
    rig.deregister(site.group, site.two)
    until(lambda: set(rig.names()) == {"one"})
    rig.register(site.group, site.two)
    rig.elb.modify_listener(ListenerArn=site.listener, DefaultActions=[forward(site.group)])
    until(lambda: not rig.load_balancer.problem)


def test_a_killed_haproxy_comes_back_with_its_configuration(rig):
    rig.context.docker.containers.get(rig.context.name("alb")).kill()

    def served():
        try:
            return set(rig.names()) == {"one", "two"}
        except httpx.HTTPError:
            return False

    until(served)


def test_a_container_of_an_earlier_version_is_adopted_under_its_new_name(rig):
    """Earlier versions called the load balancer's container `edge`."""
    container = rig.context.docker.containers.get(rig.context.name("alb"))
    container.rename(rig.context.name("edge"))
    assert HAProxy(rig.context, image=rig.bases["haproxy"]).ensure(lambda: "")
    container.reload()
    assert container.name == rig.context.name("alb")
    assert rig.get("/").status_code == 200
