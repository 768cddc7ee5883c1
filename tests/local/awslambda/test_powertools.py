"""Powertools for AWS Lambda, which many functions parse their events with, reads those of the gateway."""

import pytest
from aws_lambda_powertools.utilities.data_classes import ALBEvent

from pipeline.local.awslambda.alb_events import event
from pipeline.local.awslambda.http1 import HttpRequest

GROUP = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/api/1"
HEALTH_CHECK = HttpRequest("GET", "/health", (("user-agent", "ELB-HealthChecker/2.0"),))
both = pytest.mark.parametrize("multi_value", [False, True])


def parsed(request, *, multi_value):
    return ALBEvent(event(request, GROUP, multi_value=multi_value))


def posted(kind, body, *more):
    return HttpRequest("POST", "/api/items", (("content-type", kind), *more), body)


@both
def test_a_get_request(multi_value):
    request = HttpRequest("GET", "/api/a%20b?q=1%202&r=3+4&empty=", (("host", "site"), ("x-one", "1")))
    made = parsed(request, multi_value=multi_value)
    assert (made.http_method, made.path, made.body) == ("GET", "/api/a%20b", "")
    assert made.request_context.elb_target_group_arn == GROUP
    assert made.resolved_query_string_parameters == {"q": ["1%202"], "r": ["3+4"], "empty": [""]}
    made.decode_query_parameters = True
    assert made.resolved_query_string_parameters["q"] == ["1 2"]
    header = made.resolved_headers_field["X-One"]
    assert header == (["1"] if multi_value else "1")


@both
def test_text_with_letters_of_any_script(multi_value):
    made = parsed(posted("text/plain; charset=utf-8", "ünï 日本".encode()), multi_value=multi_value)
    assert (made.is_base64_encoded, made.body, made.decoded_body) == (False, "ünï 日本", "ünï 日本")


@both
def test_json(multi_value):
    made = parsed(posted("application/json", b'{"item": "bell"}'), multi_value=multi_value)
    assert made.json_body == {"item": "bell"}


@both
def test_bytes_and_compressed_text_are_base64(multi_value):
    plain = parsed(posted("application/octet-stream", b"item"), multi_value=multi_value)
    packed = parsed(posted("text/plain", b"item", ("content-encoding", "gzip")), multi_value=multi_value)
    assert (
        (plain.is_base64_encoded, plain.body) == (packed.is_base64_encoded, packed.body) == (True, "aXRlbQ==")
    )
    assert plain.decoded_body == "item"


def test_repeated_names_keep_all_values_only_with_multi_values():
    request = HttpRequest("GET", "/?q=a&q=b", (("cookie", "a=1"), ("cookie", "b=2"), ("x", "1"), ("x", "2")))
    several, last = (parsed(request, multi_value=multi_value) for multi_value in (True, False))
    assert several.resolved_query_string_parameters == {"q": ["a", "b"]}
    assert several.resolved_headers_field["x"] == ["1", "2"]
    assert several.resolved_cookies_field == {"a": "1", "b": "2"}
    assert last.resolved_query_string_parameters == {"q": ["b"]}
    assert last.headers["x"] == "2"
    assert last.resolved_cookies_field == {"b": "2"}


@both
def test_an_empty_request(multi_value):
    made = parsed(HttpRequest("DELETE", "/"), multi_value=multi_value)
    assert (made.http_method, made.path, made.body, made.is_base64_encoded) == ("DELETE", "/", "", False)
    assert made.resolved_query_string_parameters == {}
    assert made.resolved_headers_field == {}


@both
def test_a_health_check(multi_value):
    made = parsed(HEALTH_CHECK, multi_value=multi_value)
    agent = made.resolved_headers_field["user-agent"]
    assert (made.path, agent if isinstance(agent, str) else agent[0]) == ("/health", "ELB-HealthChecker/2.0")
