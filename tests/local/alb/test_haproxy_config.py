"""Facts about HAProxy's configuration."""

import pytest

from pipeline.local.alb import haproxy_config
from pipeline.local.alb.haproxy_quoting import word
from pipeline.local.alb.load_balancer_config import (
    ConditionField,
    FixedResponse,
    Forward,
    LoadBalancerConfig,
    Redirect,
    Rule,
    RuleCondition,
    TargetGroup,
    WeightedTargetGroup,
)
from pipeline.local.alb.server_slots import assign_slots
from pipeline.local.target_health import TargetState

APP = TargetGroup("arn:tg/app/1", targets=(("10.0.0.2", 8080),))
API = TargetGroup("arn:tg/api/2", is_lambda=True, targets=(("arn:function:live", 0),))
TO_APP = Forward((WeightedTargetGroup(APP.arn, 1),))


def text(*rules, **more):
    config = LoadBalancerConfig(rules, (APP, API), **more)
    states = {APP.arn: {APP.targets[0]: TargetState("healthy")}}
    return haproxy_config.text(config, assign_slots(config, {}, states), 8081)


def lines(*rules, **more):
    return [line.strip() for line in text(*rules, **more).splitlines()]


def test_the_same_load_balancer_gives_the_same_text():
    assert text(Rule(TO_APP)) == text(Rule(TO_APP))


def test_without_a_listener_it_answers_503():
    assert any(line.startswith("http-request return status 503") for line in lines())


def test_the_first_rule_that_meets_the_request_wins():
    path = RuleCondition(ConditionField.PATH, ("/api", "/api/*"))
    out = lines(Rule(Forward((WeightedTargetGroup(API.arn, 1),)), (path,)), Rule(TO_APP))
    assert "acl r0c0 path -m reg -- '^/api$' '^/api/.*$'" in out
    assert "http-request set-var(txn.rule) str(r0) if !{ var(txn.rule) -m found } r0c0" in out
    assert "http-request set-var(txn.rule) str(r1) if !{ var(txn.rule) -m found }" in out


def test_a_healthy_target_has_an_open_server():
    out = lines(Rule(TO_APP))
    assert "server t1 10.0.0.2:8080" in out
    assert "server t2 127.0.0.1:1 disabled" in out


def test_nobody_is_asked_where_nobody_serves():
    config = LoadBalancerConfig((Rule(TO_APP),), (APP,))
    refused = '</html>\\r\\n" if { var(txn.group) -m str tg_app_1 }'
    assert refused in haproxy_config.text(config, assign_slots(config, {}, {}), 80)
    assert refused not in text(Rule(TO_APP))


def test_a_function_is_reached_through_the_gateway():
    out = lines(Rule(Forward((WeightedTargetGroup(API.arn, 1),))))
    assert "server gateway unix@/run/tandem/functions.sock" in out
    assert "http-request set-header x-tandem-target-group 'arn:tg/api/2'" in out


def test_a_group_that_no_rule_names_has_no_backend():
    assert "backend tg_api_2" not in text(Rule(TO_APP))


def test_weights_are_drawn():
    out = text(Rule(Forward((WeightedTargetGroup(APP.arn, 90), WeightedTargetGroup(API.arn, 10)))))
    assert "set-var(txn.draw) rand(100)" in out
    assert "{ var(txn.draw) -m int lt 90 }" in out


def test_a_forward_without_weight_has_nobody_to_serve():
    assert "rand(" not in text(Rule(Forward((WeightedTargetGroup(APP.arn, 0),))))


def test_a_redirect_takes_its_parts_from_the_request():
    out = text(Rule(Redirect(301, protocol="HTTPS", port="443")))
    assert "code 301 location 'https://%[var(txn.host)]:443/%[var(txn.path)]%[var(txn.search)]'" in out


def test_listener_attributes_set_and_drop_headers():
    out = lines(
        Rule(TO_APP),
        listener_attributes={
            "routing.http.response.server.enabled": "false",
            "routing.http.response.strict_transport_security.header_value": "max-age=60; 100%",
        },
    )
    assert "http-after-response del-header Server" in out
    assert "http-after-response set-header 'Strict-Transport-Security' 'max-age=60; 100%%'" in out


@pytest.mark.parametrize(
    ("attribute", "value", "line"),
    [
        ("idle_timeout.timeout_seconds", "7", "timeout server 7s"),
        ("routing.http.xff_header_processing.mode", "remove", "http-request del-header X-Forwarded-For"),
        (
            "routing.http.drop_invalid_header_fields.enabled",
            "true",
            "http-request del-header '[^-A-Za-z0-9]' -m reg",
        ),
    ],
)
def test_load_balancer_attributes_apply(attribute, value, line):
    assert line in lines(Rule(TO_APP), attributes={attribute: value})


def test_nothing_in_a_fixed_response_is_taken_for_syntax():
    assert 'string "it\'s \\"\\$x\\" \\\\\\n#"' in text(
        Rule(FixedResponse(200, "text/plain", 'it\'s "$x" \\\n#'))
    )


def test_words_without_quotes_are_plain():
    assert word("^/a b$") == "'^/a b$'"
