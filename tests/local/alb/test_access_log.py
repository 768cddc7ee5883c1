"""Facts about the load balancer's metrics."""

from dataclasses import replace

from pipeline.local.alb.access_log import counted, hosts
from pipeline.local.alb.load_balancer_config import Forward, Front, Rule, Share, TargetGroup
from pipeline.local.target_health import TargetState

GROUP = TargetGroup("arn:aws:elb:eu:1:targetgroup/app/9")
FRONT = Front(
    (Rule(Forward((Share(GROUP.arn, 1),))),), (GROUP,), arn="arn:aws:elb:eu:1:loadbalancer/app/lb/1"
)
BALANCER = (("LoadBalancer", "app/lb/1"),)
BOTH = (*BALANCER, ("TargetGroup", "targetgroup/app/9"))


def names(line):
    return {(metric.name, metric.dimensions, value) for metric, value in counted(line, FRONT)}


def test_a_targets_answer_counts_for_it_and_for_the_load_balancer():
    assert names("tg_app_9 503 250 1") == {
        (name, where, value)
        for name, value in [
            ("RequestCount", 1.0),
            ("HTTPCode_Target_5XX_Count", 1.0),
            ("TargetResponseTime", 0.25),
        ]
        for where in (BALANCER, BOTH)
    }


def test_the_load_balancers_own_errors_are_no_targets():
    assert names("tg_app_9 502 -1 -") == {
        ("RequestCount", BALANCER, 1.0),
        ("RequestCount", BOTH, 1.0),
        ("HTTPCode_ELB_5XX_Count", BALANCER, 1.0),
        ("HTTPCode_ELB_502_Count", BALANCER, 1.0),
    }


def test_a_function_that_fails_is_a_user_error():
    function = replace(GROUP, is_lambda=True)
    found = {metric.name for metric, _ in counted("tg_app_9 502 3 0", replace(FRONT, groups=(function,)))}
    assert {"LambdaUserError", "HTTPCode_ELB_502_Count"} < found


def test_a_redirect_counts_as_a_request():
    assert names("- 301 -1 -") == {("RequestCount", BALANCER, 1.0)}


def test_a_line_that_is_no_request_counts_nothing():
    assert names("Proxy alb started.") == set()


def test_healthy_and_failed_hosts_are_counted():
    states = {GROUP.arn: {("a", 1): TargetState("healthy"), ("b", 1): TargetState("unhealthy")}}
    assert {(metric.name, value) for metric, value in hosts(FRONT, states)} == {
        ("HealthyHostCount", 1.0),
        ("UnHealthyHostCount", 1.0),
    }
