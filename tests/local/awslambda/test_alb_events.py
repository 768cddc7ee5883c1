"""Facts about ALB events."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.local.awslambda.alb_events import LIMIT, MalformedAnswerError, event, response
from pipeline.local.awslambda.http1 import HttpRequest

GROUP = "arn:group"


def single(request):
    return event(request, GROUP, multi_value=False)


def multi(request):
    return event(request, GROUP, multi_value=True)


def test_an_event_names_its_target_group():
    assert single(HttpRequest("GET", "/"))["requestContext"] == {"elb": {"targetGroupArn": GROUP}}


def test_query_parameters_stay_encoded_and_the_last_value_wins():
    made = single(HttpRequest("GET", "/p%20q?a=1%202&a=3+4&b"))
    assert made["path"] == "/p%20q"
    assert made["queryStringParameters"] == {"a": "3+4", "b": ""}


def test_with_multi_values_every_value_is_kept():
    made = multi(HttpRequest("GET", "/?a=1&a=2", (("x", "1"), ("x", "2"))))
    assert made["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert made["multiValueHeaders"] == {"x": ["1", "2"]}
    assert "headers" not in made
    assert "queryStringParameters" not in made


def test_without_multi_values_the_last_header_wins():
    assert single(HttpRequest("GET", "/", (("x", "1"), ("x", "2"))))["headers"] == {"x": "2"}


def test_hop_by_hop_headers_stay_behind():
    assert single(HttpRequest("GET", "/", (("connection", "close"), ("te", "x"))))["headers"] == {}


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json; charset=utf-8", "application/javascript", "application/xml"]
)
def test_text_bodies_are_plain(kind):
    made = single(HttpRequest("POST", "/", (("content-type", kind),), "é".encode()))
    assert (made["body"], made["isBase64Encoded"]) == ("é", False)


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("content-type", "image/png"),),
        (("content-type", "text/plain"), ("content-encoding", "gzip")),
    ],
)
def test_other_bodies_are_base64(headers):
    made = single(HttpRequest("POST", "/", headers, b"abc"))
    assert (made["body"], made["isBase64Encoded"]) == (base64.b64encode(b"abc").decode(), True)


def test_no_body_is_no_base64():
    made = single(HttpRequest("GET", "/"))
    assert (made["body"], made["isBase64Encoded"]) == ("", False)


def answered(answer, *, multi_value=False):
    return response(json.dumps(answer).encode(), multi_value=multi_value)


def test_an_answer_becomes_a_response():
    got = answered(
        {"statusCode": 201, "statusDescription": "201 Made", "headers": {"X": "y"}, "body": "é"},
    )
    assert (got.status, got.reason, got.headers, got.body) == (201, "Made", (("X", "y"),), "é".encode())


def test_a_base64_body_is_decoded():
    assert answered({"statusCode": 200, "body": "AAE=", "isBase64Encoded": True}).body == b"\x00\x01"


def test_headers_come_from_where_the_target_group_says():
    both = {"statusCode": 200, "headers": {"a": "1"}, "multiValueHeaders": {"b": ["1", "2"]}}
    assert answered(both).headers == (("a", "1"),)
    assert answered(both, multi_value=True).headers == (("b", "1"), ("b", "2"))


def test_two_cookies_by_case_distinct_names_are_two_cookies():
    got = answered({"statusCode": 200, "headers": {"set-cookie": "a=1", "Set-Cookie": "b=2"}})
    assert len(got.headers) == 2


def test_hop_by_hop_headers_and_the_length_are_ours():
    got = answered({"statusCode": 200, "headers": {"Connection": "close", "Content-Length": "9"}})
    assert got.headers == ()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"no json",
        b"[]",
        b"{}",
        b'{"statusCode": "200"}',
        b'{"statusCode": 99}',
        b'{"statusCode": true}',
        b'{"statusCode": 200, "headers": []}',
        b'{"statusCode": 200, "headers": {"a": 1}}',
        b'{"statusCode": 200, "headers": {"a": "b\\r\\nc: d"}}',
        b'{"statusCode": 200, "body": {}}',
        b'{"statusCode": 200, "body": "!", "isBase64Encoded": true}',
        b'{"statusCode": 200, "body": "' + b"x" * LIMIT + b'"}',
    ],
)
def test_what_is_no_response_is_malformed(payload):
    with pytest.raises(MalformedAnswerError):
        response(payload, multi_value=False)


@given(st.binary(min_size=1), st.sampled_from(["", "text/plain", "image/png"]))
def test_no_byte_of_a_body_is_lost(body, kind):
    made = single(HttpRequest("POST", "/", (("content-type", kind),), body))
    back = base64.b64decode(made["body"]) if made["isBase64Encoded"] else made["body"].encode()
    assert back == body
