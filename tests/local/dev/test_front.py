"""A site's port sends requests to app and API as the load balancer does, and lets browsers keep nothing."""

import http.client
import socket
from http.server import BaseHTTPRequestHandler

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.settings import ApiSettings
from pipeline.local.awslambda.alb_events import HttpResponse
from pipeline.local.dev.front import Front, FrontServer, Targets, listen
from tests.support.http_server import http_server
from tests.support.ports import free_port

pytestmark = pytest.mark.slow


class App(BaseHTTPRequestHandler):
    """An app that answers 206 and notes what it gets."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append((self.command, self.path, dict(self.headers.items()), body))
        self.send_response(206)
        for name in ("Set-Cookie: a=1", "Set-Cookie: b=2", "Cache-Control: public, max-age=60"):
            self.send_header(*name.split(": "))
        self.send_header("Content-Length", "3")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"app")

    do_POST = do_HEAD = do_GET  # noqa: N815 - the names that the server calls

    def log_message(self, *_):
        """Stay silent."""


class Site:
    """A front with that app and an API that notes it too."""

    def __init__(self, app):
        self.seen = app.seen = []
        self.app = app
        self.targets = Targets(app.server_port, self)
        self.listener = listen(0, free_port())
        self.port = self.listener.getsockname()[1]
        self.server = FrontServer(Front(ApiSettings(), self.targets), self.listener)

    def answer(self, request):
        self.seen.append((request.method, request.target, dict(request.headers), request.body))
        return HttpResponse(201, (("X-Api", "yes"),), b"api")

    def get(self, target, method="GET", body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.putrequest(method, target, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        return response, text


@pytest.fixture(scope="module")
def running():
    with http_server(App) as app:
        site = Site(app)
        yield site
        site.server.close()


@pytest.fixture
def site(running):
    running.seen.clear()
    running.targets.app, running.targets.api = running.app.server_port, running
    return running


def test_a_request_reaches_the_app_unchanged(site):
    response, text = site.get("/a%2Fb/../c?x=%20&y", X_Forwarded_For="9.9.9.9", X_Own="1")
    assert (response.status, text) == (206, b"app")
    assert response.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    ((method, target, headers, body),) = site.seen
    assert (method, target, body) == ("GET", "/a%2Fb/../c?x=%20&y", b"")
    own = {name: value for name, value in headers.items() if not name.lower().startswith("x-")}
    assert own == {"host": f"127.0.0.1:{site.port}"}
    assert {name: value for name, value in headers.items() if name.lower().startswith("x-")} == {
        "x-own": "1",
        "x-forwarded-proto": "http",
        "x-forwarded-port": str(site.port),
        "x-forwarded-for": "9.9.9.9, 127.0.0.1",
    }


def test_a_cookie_of_one_request_is_not_in_the_next(site):
    site.get("/")
    site.get("/")
    assert not any("cookie" in name.lower() for name in site.seen[1][2])


def test_browsers_keep_nothing_without_asking(site):
    assert site.get("/page")[0].headers.get_all("Cache-Control") == ["no-cache"]


def test_a_body_reaches_the_app(site):
    site.get("/form", "POST", b"x" * 100_000)
    assert (site.seen[0][0], site.seen[0][3]) == ("POST", b"x" * 100_000)


def test_head_has_no_body(site):
    response, text = site.get("/", "HEAD")
    assert (response.status, response.headers["Content-Length"], text) == (206, "3", b"")
    response, text = site.get("/api/x", "HEAD")
    assert (response.status, text) == (201, b"")


@pytest.mark.parametrize(("target", "by"), [("/api", "api"), ("/api/x?q=1", "api"), ("/apis", "app")])
def test_the_path_decides_between_app_and_api(site, target, by):
    response, text = site.get(target, "POST", b"{}")
    assert (text.decode(), site.seen[0][1], site.seen[0][3]) == (by, target, b"{}")
    assert (response.headers["X-Api"] == "yes") == (by == "api")


def test_too_large_a_body_for_a_function_is_refused(site):
    assert site.get("/api/x", "POST", bytes((1 << 20) + 1))[0].status == 413
    assert site.seen == []


def test_without_app_or_api_the_load_balancers_page_answers(site):
    site.targets.app, site.targets.api = 0, None
    assert site.get("/")[0].status == 503
    response, text = site.get("/api/x")
    assert (response.status, b"502 Bad Gateway" in text) == (502, True)


def test_an_app_that_is_gone_is_a_bad_gateway(site):
    site.targets.app = free_port()
    assert site.get("/")[0].status == 502


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"])
def test_another_sites_name_for_this_machine_gets_nothing(site, host):
    assert site.get("/", Host=host)[0].status == 403
    assert site.get("/api/x", Host=host)[0].status == 403
    assert site.seen == []


@pytest.mark.parametrize("host", ["localhost:1", "shop.localhost:8081", "[::1]:9", "127.0.0.1"])
def test_this_machines_names_are_answered(site, host):
    assert site.get("/", Host=host)[0].status == 206


def test_a_taken_port_is_named_and_an_unasked_one_is_passed_over():
    with listen(0, free_port()) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(TandemError, match=f"cannot listen on 127.0.0.1:{port}"):
            listen(port, 1)
        with listen(0, port) as other:
            assert other.getsockname()[1] != port
            assert other.getsockname()[0] == "127.0.0.1"


def test_close_frees_the_port():
    listener = listen(0, free_port())
    port = listener.getsockname()[1]
    FrontServer(Front(ApiSettings(), Targets()), listener).close()
    socket.create_server(("127.0.0.1", port)).close()
