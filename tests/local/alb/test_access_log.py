"""Facts about the load balancer's metrics."""

from dataclasses import replace

from pipeline.local.alb.access_log import count_hosts, count_request
from pipeline.local.alb.load_balancer_config import (
    Forward,
    LoadBalancerConfig,
    Rule,
    TargetGroup,
    WeightedTargetGroup,
)
from pipeline.local.target_health import TargetState

GROUP = TargetGroup("arn:aws:elb:eu:1:targetgroup/app/9")
CONFIG = LoadBalancerConfig(
    (Rule(Forward((WeightedTargetGroup(GROUP.arn, 1),))),),
    (GROUP,),
    arn="arn:aws:elb:eu:1:loadbalancer/app/lb/1",
)
LOAD_BALANCER = (("LoadBalancer", "app/lb/1"),)
TARGET_GROUP = (*LOAD_BALANCER, ("TargetGroup", "targetgroup/app/9"))


def names(line):
    return {(metric.name, metric.dimensions, value) for metric, value in count_request(line, CONFIG)}


def test_a_targets_answer_counts_for_it_and_for_the_load_balancer():
    assert names("tg_app_9 503 250 1") == {
        (name, where, value)
        for name, value in [
            ("RequestCount", 1.0),
            ("HTTPCode_Target_5XX_Count", 1.0),
            ("TargetResponseTime", 0.25),
        ]
        for where in (LOAD_BALANCER, TARGET_GROUP)
    }


def test_the_load_balancers_own_errors_do_not_count_for_a_target():
    assert names("tg_app_9 502 -1 -") == {
        ("RequestCount", LOAD_BALANCER, 1.0),
        ("RequestCount", TARGET_GROUP, 1.0),
        ("HTTPCode_ELB_5XX_Count", LOAD_BALANCER, 1.0),
        ("HTTPCode_ELB_502_Count", LOAD_BALANCER, 1.0),
    }


def test_a_function_that_fails_is_a_user_error():
    function = replace(GROUP, is_lambda=True)
    counted = {
        metric.name for metric, _ in count_request("tg_app_9 502 3 0", replace(CONFIG, groups=(function,)))
    }
    assert {"LambdaUserError", "HTTPCode_ELB_502_Count"} < counted


def test_a_redirect_counts_as_a_request():
    assert names("- 301 -1 -") == {("RequestCount", LOAD_BALANCER, 1.0)}


def test_other_lines_count_nothing():
    assert names("Proxy alb started.") == set()


def test_healthy_and_failed_hosts_are_counted():
    states = {GROUP.arn: {("a", 1): TargetState("healthy"), ("b", 1): TargetState("unhealthy")}}
    assert {(metric.name, value) for metric, value in count_hosts(CONFIG, states)} == {
        ("HealthyHostCount", 1.0),
        ("UnHealthyHostCount", 1.0),
    }
