"""A function's answer is a target's: it cannot pass for the load balancer's own."""

import json
import socket

import pytest

from pipeline.local.alb.haproxy_config import GROUP_HEADER, OWN_HEADER
from pipeline.local.awslambda.alb_events import HttpResponse
from pipeline.local.awslambda.alb_gateway import Gateway, answer, error
from pipeline.local.awslambda.invocation import InvocationResult


def result(**more):
    return InvocationResult(json.dumps({"statusCode": 200, "body": "b", **more}).encode())


@pytest.mark.parametrize("name", [OWN_HEADER, OWN_HEADER.upper(), OWN_HEADER.title()])
@pytest.mark.parametrize("multi_value", [False, True])
def test_a_function_cannot_set_the_gateways_own_header(name, multi_value):
    headers = {"multiValueHeaders": {name: ["1"]}} if multi_value else {"headers": {name: "1"}}
    response = answer(result(**headers), multi_value=multi_value)
    assert response.status == 200
    assert [header for header in response.headers if header[0].lower() == OWN_HEADER] == []


def test_the_gateways_own_answers_have_the_header():
    assert (OWN_HEADER, "1") in error(502).headers
    assert (OWN_HEADER, "1") in answer(InvocationResult(b"no JSON"), multi_value=False).headers


@pytest.mark.slow
def test_a_function_does_not_see_the_gateways_header(tmp_path):
    """It would tell the function's code how the local stack is made, and tempt it to believe it."""
    seen = []

    def handle(group, request):
        seen.append((group, request))
        return HttpResponse(204)

    gateway = Gateway(tmp_path / "socket", handle)
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(tmp_path / "socket"))
            client.sendall(f"GET / HTTP/1.1\r\n{GROUP_HEADER}: arn:x\r\naccept: y\r\n\r\n".encode())
            assert client.recv(1 << 10).startswith(b"HTTP/1.1 204")
    finally:
        gateway.close()
    ((group, request),) = seen
    assert (group, request.headers) == ("arn:x", (("accept", "y"),))
