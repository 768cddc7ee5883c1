"""Nothing is measured unless every layout answers alike; a real server plays the layouts."""

import gzip
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler

import pytest

from pipeline.compare.experiment import ExperimentPlan
from pipeline.compare.serving import answers
from pipeline.compare.serving.answers import require_equal_answers
from pipeline.compare.serving.balancer import Balancer
from pipeline.compare.serving.workloads import Requests, Workload, requests
from pipeline.core.errors import TandemError
from tests.support.http_server import http_server

LAYOUTS = ("monolith", "sidecar")
PLAN = ExperimentPlan((("1 MB", 10**6),), LAYOUTS, tuple(map(str, Workload)), 1, 1, 0.05, 60.0, 7)
ASKED = {each: requests(each) for each in Workload}


@dataclass(frozen=True)
class Layout:
    """What a played layout answers."""

    body: bytes = b"content"
    status: int = 200
    compresses: bool = True
    stores: bool = True


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self):
        layout = self.server.layouts[self.headers["Host"].partition(".")[0]]
        wants = self.headers["Accept-Encoding"] == "gzip"
        stored = wants and layout.stores and self.path.endswith(".js")
        compressed = wants and layout.compresses and not stored
        body = gzip.compress(layout.body) if stored or compressed else layout.body
        self.send_response(layout.status)
        if stored or compressed:
            self.send_header("Content-Encoding", "gzip")
        if compressed:
            self.send_header("Transfer-Encoding", "chunked")
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Keep quiet."""


@contextmanager
def served(**layouts):
    with http_server(Handler) as server:
        server.layouts = {name: layouts.get(name, Layout()) for name in LAYOUTS}
        yield Balancer(f"http://127.0.0.1:{server.server_port}")


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(answers, "_SECONDS", 0.3)


@pytest.mark.slow
def test_equal_layouts_pass():
    with served() as balancer:
        require_equal_answers(balancer, PLAN, ASKED)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sidecar", "message"),
    [
        (Layout(b"other"), "sidecar and monolith answer workload small-page differently"),
        (Layout(status=404), "sidecar does not serve /static/serving/page.html: it answers with status 404"),
        (
            Layout(stores=False),
            "text.js compressed for the request: the workload is about answers with the compressed file",
        ),
        (Layout(compresses=False), "sidecar answers /static/serving/text.htm without compression"),
    ],
)
def test_a_layout_that_answers_otherwise_is_named(sidecar, message):
    with served(sidecar=sidecar) as balancer, pytest.raises(TandemError, match=message):
        require_equal_answers(balancer, PLAN, ASKED)


@pytest.mark.slow
def test_both_wrong_in_the_same_way_is_wrong_too():
    both = Layout(stores=False)
    plan = replace(PLAN, cases=(str(Workload.TEXT_GZIP_STATIC),))
    with (
        served(monolith=both, sidecar=both) as balancer,
        pytest.raises(TandemError, match="monolith answers"),
    ):
        require_equal_answers(balancer, plan, ASKED)


@pytest.mark.slow
def test_a_server_of_ones_own_may_compress_as_it_likes_if_all_layouts_do():
    plan = replace(PLAN, cases=(str(Workload.TEXT_GZIP_STATIC),))
    workload_requests = {Workload.TEXT_GZIP_STATIC: Requests(("/a.js",), None)}
    plain = Layout(stores=False, compresses=False)
    with served(monolith=plain, sidecar=plain) as balancer:
        require_equal_answers(balancer, plan, workload_requests)
    with (
        served(monolith=plain) as balancer,
        pytest.raises(TandemError, match="answer workload text-gzip-static differently"),
    ):
        require_equal_answers(balancer, plan, workload_requests)


@pytest.mark.slow
def test_a_balancer_that_is_gone_is_said():
    with served() as balancer:
        pass
    with pytest.raises(TandemError, match=r"monolith does not serve /static/.*: it answers with nothing"):
        require_equal_answers(balancer, PLAN, ASKED)
