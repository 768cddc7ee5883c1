"""A function's answer is a target's: it cannot pass for the load balancer's own."""

import json

import pytest

from pipeline.local.alb.haproxy_config import OWN_HEADER
from pipeline.local.awslambda.alb_gateway import answer, error
from pipeline.local.awslambda.invocation import InvocationResult


def result(**more):
    return InvocationResult(json.dumps({"statusCode": 200, "body": "b", **more}).encode())


@pytest.mark.parametrize("name", [OWN_HEADER, OWN_HEADER.upper(), OWN_HEADER.title()])
@pytest.mark.parametrize("multi_value", [False, True])
def test_a_function_cannot_set_the_gateways_own_header(name, multi_value):
    headers = {"multiValueHeaders": {name: ["1"]}} if multi_value else {"headers": {name: "1"}}
    found = answer(result(**headers), multi_value=multi_value)
    assert found.status == 200
    assert [header for header in found.headers if header[0].lower() == OWN_HEADER] == []


def test_the_gateways_own_answers_have_the_header():
    assert (OWN_HEADER, "1") in error(502).headers
    assert (OWN_HEADER, "1") in answer(InvocationResult(b"no JSON"), multi_value=False).headers
