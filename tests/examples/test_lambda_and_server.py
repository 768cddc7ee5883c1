"""The same request has the same answer through Lambda and through a server."""

import asyncio
import base64
import json
from collections import defaultdict
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.local.awslambda.alb_events import event, response
from pipeline.local.awslambda.http1 import HttpRequest

pytestmark = pytest.mark.slow

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8)
NAMES = st.text("abcxyz -_~é", min_size=1, max_size=4)
TOKENS = st.text("abc123-_.~", min_size=1, max_size=6)
VALUES = st.text("abc 123;,=\"'/+%", max_size=10).map(str.strip)
KINDS = st.sampled_from(["text/plain", "application/json", "application/octet-stream", "multipart/mixed"])


@pytest.fixture(scope="module", autouse=True)
def loop():
    """The thread's event loop, which Lambda's adapter uses."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture(scope="module")
def handler(example):
    return example("main").handler


@pytest.fixture(scope="module")
def server(example):
    return example("application").app


def through_lambda(handler, request):
    """Status, headers and body, by a target group with multi-value headers."""
    made = json.loads(json.dumps(event(request, "arn:group", multi_value=True)))
    answer = response(json.dumps(handler(made, None)).encode(), multi_value=True)
    return answer.status, sorted((name.lower(), value) for name, value in answer.headers), answer.body


def through_a_server(server, request):
    async def send():
        transport = httpx.ASGITransport(server)
        async with httpx.AsyncClient(transport=transport) as client:
            client.headers.clear()
            target = httpx.URL(f"http://site{request.target}")
            made = client.build_request(request.method, target, headers=list(request.headers))
            made.stream = httpx.ByteStream(request.body)
            return await client.send(made)

    answer = asyncio.get_event_loop().run_until_complete(send())
    left = [(name, value) for name, value in answer.headers.multi_items() if name != "content-length"]
    return answer.status_code, sorted(left), answer.content


def seen(answer):
    """What the echo saw, without the order in which different names came."""
    status, _, body = answer
    assert status == 200, body
    echo = json.loads(body)
    for part in ("query", "headers"):
        values = defaultdict(list)
        for name, value in echo[part]:
            values[name].append(value)
        values.pop("content-length", None)
        echo[part] = dict(values)
    return echo


def request_of(method="GET", path="/api/echo", query="", headers=(), body=b""):
    length = (("content-length", str(len(body))),) if body else ()
    target = f"{path}?{query}" if query else path
    return HttpRequest(method, target, (("host", "site"), *headers, *length), body)


@given(st.lists(st.tuples(NAMES, TEXT), max_size=4), st.booleans())
def test_queries(handler, server, pairs, plus):
    query = urlencode(pairs) if plus else urlencode(pairs, quote_via=quote)
    request = request_of(query=query)
    assert seen(through_lambda(handler, request)) == seen(through_a_server(server, request))


@given(st.lists(st.tuples(TOKENS.map(lambda name: f"x-{name}"), VALUES), max_size=4))
def test_headers(handler, server, pairs):
    request = request_of(headers=pairs)
    assert seen(through_lambda(handler, request)) == seen(through_a_server(server, request))


@given(st.lists(st.tuples(TOKENS, TOKENS), min_size=1, max_size=3), st.booleans())
def test_cookies(handler, server, pairs, apart):
    cookies = [f"{name}={value}" for name, value in pairs]
    headers = [("cookie", each) for each in (cookies if apart else ["; ".join(cookies)])]
    request = request_of(headers=headers)
    assert seen(through_lambda(handler, request)) == seen(through_a_server(server, request))


@given(st.binary(max_size=40) | TEXT.map(str.encode), KINDS, st.sampled_from(["POST", "PUT", "PATCH"]))
def test_bodies(handler, server, body, kind, method):
    request = request_of(method, headers=(("content-type", kind),), body=body)
    through = seen(through_lambda(handler, request))
    assert through == seen(through_a_server(server, request))
    assert base64.b64decode(through["body"]) == body


@given(st.lists(TEXT.filter(lambda text: text.strip("./")), min_size=1, max_size=3))
def test_paths(handler, server, parts):
    path = "/api/echo/path/" + "/".join(quote(part, safe="") for part in parts)
    request = request_of(path=path)
    assert seen(through_lambda(handler, request)) == seen(through_a_server(server, request))


@pytest.mark.parametrize(
    "path",
    [
        "/api/health",
        "/api/echo/cookies",
        "/api/echo/bytes/300",
        "/api/echo/status/204",
        "/api/none",
        "/api/items",
    ],
)
def test_answers(handler, server, path):
    request = request_of(path=path)
    assert through_lambda(handler, request) == through_a_server(server, request)
