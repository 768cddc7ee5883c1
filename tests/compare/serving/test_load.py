"""wrk puts load on a server and its figures are read; what fails is said in one sentence."""

import shutil
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import pytest

from pipeline.compare.experiment_run import FailedTrialError
from pipeline.compare.serving import load
from pipeline.compare.serving.load import Load
from pipeline.compare.serving.workloads import Answer, Requests
from pipeline.core.errors import TandemError
from pipeline.images.bases.apt import is_root_on_debian
from tests.support.http_server import http_server
from tests.support.ports import free_port

GOOD = (
    'tandem {"sent": 104, "requests": 100, "duration_us": 2000000, "p50_us": 1500.0, "p99_us": 9000.0, '
    '"errors": {"connect": 0, "read": 0, "write": 0, "status": 0, "timeout": 0}}'
)


def test_figures_are_in_seconds():
    assert load.figures(f"Running 2s test\n{GOOD}\n") == {
        "requests_per_second": 50.0,
        "p50_seconds": pytest.approx(0.0015),
        "p99_seconds": pytest.approx(0.009),
        "requests": 100.0,
        "errors": 0.0,
    }


@pytest.mark.parametrize("kind", ["connect", "read", "write", "status", "timeout"])
def test_any_failed_request_fails_the_trial_and_is_counted(kind):
    with pytest.raises(
        FailedTrialError, match=rf"^7 of 10\d requests failed: 7 {kind}$|^7 of 100 "
    ) as caught:
        load.figures(GOOD.replace(f'"{kind}": 0', f'"{kind}": 7'))
    assert caught.value.figures["errors"] == 7
    assert caught.value.figures["requests"] == (93 if kind == "status" else 100)


def test_a_trial_without_an_answer_fails():
    with pytest.raises(FailedTrialError, match="no request was answered"):
        load.figures(GOOD.replace('"requests": 100', '"requests": 0'))


@pytest.mark.parametrize("output", ["", "tandem {", "unable to connect", "tandem"])
def test_output_of_another_shape_is_an_error(output):
    with pytest.raises(TandemError, match="wrk printed no result"):
        load.figures(output)


def test_without_wrk_and_without_root_the_hint_installs_it(monkeypatch):
    monkeypatch.setattr(load.shutil, "which", lambda _: None)
    monkeypatch.setattr(load, "is_root_on_debian", lambda: False)
    with pytest.raises(TandemError, match="wrk is not installed") as caught:
        load.require_wrk()
    assert caught.value.hint == "sudo apt-get install wrk"


class Handler(BaseHTTPRequestHandler):
    """Answers 200, and 503 below /broken; counts paths and keeps the headers of the last request."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet for each answer
    disable_nagle_algorithm = True

    def do_GET(self):
        self.server.paths[self.path] += 1
        self.server.headers = dict(self.headers)
        self.send_response(503 if self.path.startswith("/broken") else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        """Keep quiet."""


@contextmanager
def serving():
    with http_server(Handler) as server:
        server.paths, server.headers = Counter(), {}
        server.url = f"http://127.0.0.1:{server.server_port}"
        yield server


@pytest.fixture(scope="module")
def wrk():
    if not shutil.which("wrk") and not is_root_on_debian():
        pytest.skip("no wrk, and it cannot be installed")
    load.require_wrk()


@pytest.mark.slow
@pytest.mark.usefixtures("wrk")
def test_wrk_draws_paths_at_random_and_sends_host_and_headers():
    paths = tuple(f"/a/{number}" for number in range(3))
    with serving() as server:
        requests = Requests(paths, Answer.STORED)
        figures = load.run(server.url, "sidecar.measurement", requests, Load(4, 2))
    assert set(server.paths) == set(paths)
    assert max(server.paths.values()) < figures["requests"] / 2 + 20
    assert server.headers["Host"] == "sidecar.measurement"
    assert server.headers["Accept-Encoding"] == "gzip"
    assert figures["errors"] == 0
    assert figures["requests_per_second"] == pytest.approx(figures["requests"] / 2, rel=0.3)
    assert 0 < figures["p50_seconds"] <= figures["p99_seconds"]
    assert load.wrk_version()["wrk"][0].isdigit()


@pytest.mark.slow
@pytest.mark.usefixtures("wrk")
def test_an_answer_of_503_is_a_failed_request():
    with serving() as server, pytest.raises(FailedTrialError, match=r"requests failed: [\d]+ status"):
        load.run(server.url, "x", Requests(("/broken", "/fine")), Load(2, 1))


@pytest.mark.slow
@pytest.mark.usefixtures("wrk")
def test_a_trial_is_bounded_in_requests(monkeypatch):
    monkeypatch.setattr(load, "MOST_REQUESTS", 40)
    with serving() as server, pytest.raises(FailedTrialError, match="ended at its bound of 40 requests"):
        load.run(server.url, "x", Requests(("/a",)), Load(2, 1))
    assert sum(server.paths.values()) <= 50


@pytest.mark.slow
@pytest.mark.usefixtures("wrk")
def test_nothing_listening_is_said():
    with pytest.raises(
        TandemError, match=r"wrk failed: unable to connect to 127.0.0.1:\d+ Connection refused"
    ):
        load.run(f"http://127.0.0.1:{free_port()}", "x", Requests(("/a",)), Load(1, 1))
