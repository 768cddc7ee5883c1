"""The load asks as often as it may, counts what failed, and ends with its block."""

import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import pytest

from pipeline.compare.start.load import LoadResult, answers, bounded_load, responds
from tests.support.http_server import http_server
from tests.support.ports import free_port

pytestmark = pytest.mark.slow


@contextmanager
def site(status=200):
    """A server that answers with that status; yields its port and the paths that it was asked for."""
    paths = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            paths.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_):
            pass

    with http_server(Handler) as server:
        yield server.server_port, paths


def wait_for(result, count):
    end = time.monotonic() + 10
    while result.requests < count and time.monotonic() < end:
        time.sleep(0.005)


def test_all_paths_are_asked_for_and_no_more_than_allowed():
    with site() as (port, paths), bounded_load(port, ["/", "/a", "/b"], rate=2000, most=30) as load:
        wait_for(load, 30)
        time.sleep(0.02)
    assert len(paths) == load.requests == 30
    assert set(paths) == {"/", "/a", "/b"}
    assert load.failed == 0
    assert 0 < load.p99 < 10


def test_the_rate_is_kept():
    with site() as (port, paths), bounded_load(port, ["/"], rate=20, most=1000):
        time.sleep(0.2)
        count = len(paths)
    assert 2 <= count <= 8


def test_requests_end_with_the_block():
    with site() as (port, paths):
        with bounded_load(port, ["/"], rate=500, most=100_000) as load:
            wait_for(load, 3)
        count = len(paths)
        time.sleep(0.03)
        assert len(paths) == count


@pytest.mark.parametrize("status", [404, 500, 503])
def test_an_error_is_a_failed_request(status):
    with site(status) as (port, _), bounded_load(port, ["/"], rate=1000, most=4) as load:
        wait_for(load, 4)
        assert not answers(port, "/")
        assert responds(port)
    assert (load.failed, load.p99) == (4, 0.0)


def test_without_a_server_every_request_fails():
    port = free_port()
    with bounded_load(port, ["/"], rate=1000, most=4) as load:
        wait_for(load, 4)
    assert load.failed == 4
    assert not answers(port, "/")
    assert not responds(port)


def test_99_of_100_answers_took_at_most_the_p99():
    result = LoadResult(seconds=[number / 100 for number in range(100, 0, -1)])
    assert result.p99 == 0.99
    assert LoadResult(seconds=[3.0]).p99 == 3.0
