"""The Django example: its adapter passes on what a load balancer sends, as a server does."""

import importlib
import io
import json
import sys
from dataclasses import replace
from urllib.parse import unquote

import pytest

from pipeline.core.paths import ROOT
from pipeline.local.awslambda.alb_events import event, response
from pipeline.local.awslambda.http1 import HttpRequest

pytestmark = pytest.mark.slow

REQUESTS = {
    "repeated keys": HttpRequest("GET", "/api/echo?q=a&q=b&r=1%202&r=3+4&empty="),
    "two cookie headers": HttpRequest("GET", "/api/echo", (("cookie", "a=1"), ("cookie", "b=2"))),
    "one cookie header": HttpRequest("GET", "/api/echo", (("cookie", "a=1; b=2"),)),
    "behind TLS": HttpRequest("GET", "/api/echo", (("x-forwarded-proto", "https"),)),
    "text": HttpRequest(
        "POST", "/api/echo", (("content-type", "text/plain"), ("content-length", "5")), "ünï".encode()
    ),
    "bytes": HttpRequest(
        "POST",
        "/api/echo",
        (("content-type", "application/octet-stream"), ("content-length", "3")),
        b"\x00\xff\x80",
    ),
    "health": HttpRequest("GET", "/api/health"),
    "unknown": HttpRequest("GET", "/api/none"),
}


REQUESTS = {
    name: replace(request, headers=(("host", "site"), *request.headers)) for name, request in REQUESTS.items()
}


@pytest.fixture(scope="module")
def modules():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "examples" / "api-wsgi")
        for name in [name for name in sys.modules if name.partition(".")[0] in {"main", "shop"}]:
            patch.delitem(sys.modules, name)
        yield importlib.import_module
        for name in [name for name in sys.modules if name.partition(".")[0] in {"main", "shop"}]:
            del sys.modules[name]


def through_lambda(modules, request):
    made = event(request, "arn:group", multi_value=True)
    answer = response(json.dumps(modules("main").handler(made, None)).encode(), multi_value=True)
    headers = [(name.lower(), value) for name, value in answer.headers]
    return answer.status, sorted(each for each in headers if each[0] != "content-length"), answer.body


def through_a_server(modules, request):
    path, _, query = request.target.partition("?")
    environ = {
        "REQUEST_METHOD": request.method,
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "site",
        "SERVER_PORT": "80",
        "CONTENT_LENGTH": str(len(request.body)),
        "CONTENT_TYPE": request.header("content-type"),
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.url_scheme": "http",
    }
    for name in {name for name, _ in request.headers} - {"content-type", "content-length"}:
        joined = "; " if name == "cookie" else ","
        values = joined.join(value for key, value in request.headers if key == name)
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = values
    started = []
    body = b"".join(modules("shop.wsgi").application(environ, lambda *arguments: started.append(arguments)))
    status, headers = started[0][:2]
    kept = [(name.lower(), value) for name, value in headers if name.lower() != "content-length"]
    return int(status.split()[0]), sorted(kept), body


@pytest.mark.parametrize("name", REQUESTS)
def test_lambda_answers_as_a_server_does(modules, name):
    assert through_lambda(modules, REQUESTS[name]) == through_a_server(modules, REQUESTS[name])


def test_every_value_of_a_repeated_key_arrives(modules):
    _, headers, body = through_lambda(modules, REQUESTS["repeated keys"])
    assert json.loads(body)["query"] == {"q": ["a", "b"], "r": ["1 2", "3 4"], "empty": [""]}
    assert [value.split(";")[0].strip() for name, value in headers if name == "set-cookie"] == [
        "first=1",
        "second=2",
    ]
