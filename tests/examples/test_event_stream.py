"""A server streams the rollout as it goes, goes on where a client was, and stops while it streams."""

import http.client
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from pipeline.core.paths import ROOT
from pipeline.deploy.store import Outcome
from pipeline.deploy.store.lock import held
from tests.support.example_releases import make_release
from tests.support.ports import free_port
from tests.support.waiting import until

pytestmark = pytest.mark.slow


def _answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().status == 200
    except OSError:
        return False


@pytest.fixture
def server(store, tmp_path):  # noqa: ARG001 - the releases in that folder
    """The API's server as its own process, as in a task: the process and its port."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "application:app", "--port", str(port)]
    environment = {**os.environ, "TANDEM_RELEASES": str(tmp_path)}
    process = subprocess.Popen(command, cwd=ROOT / "examples" / "api", env=environment)
    try:
        until(lambda: _answers(port))
        yield process, port
    finally:
        process.kill()
        process.wait()


@contextmanager
def _stream(port, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/api/events", headers={"Accept": "text/event-stream", **headers})
    try:
        yield connection.getresponse()
    finally:
        connection.close()


def _next(stream):
    """The id and the entries of the stream's next message with entries."""
    identity = ""
    while line := stream.readline().decode():
        name, _, value = line.rstrip("\n").partition(": ")
        if name == "id":
            identity = value
        elif name == "data" and (entries := json.loads(value)["events"]):
            return identity, [f"{each['release']} {each['outcome']}" for each in entries]
    raise AssertionError("the stream ended")


def _release(store):
    release = store.add(make_release())
    with held(store.objects, "push to app", wait=1) as lease:
        store.record(release.number, Outcome.STARTED)
        store.succeed(release.number, lease.token)


def test_a_rollout_is_streamed_as_it_goes(server, store):
    _, port = server
    _release(store)
    with _stream(port) as stream:
        assert _next(stream) == ("2", ["1 started", "1 succeeded"])
        release = store.add(make_release())
        store.record(release.number, Outcome.STARTED)
        assert _next(stream) == ("3", ["2 started"])


@pytest.mark.parametrize("seen", ["²", "x", "-1", "9" * 400])
def test_a_client_that_comes_back_gets_what_it_has_not_seen(server, store, seen):
    """Browsers name the last message that they had by this header, and repeat the first URL."""
    _, port = server
    _release(store)
    _release(store)
    with _stream(port, **{"Last-Event-ID": "2"}) as stream:
        assert _next(stream) == ("4", ["2 started", "2 succeeded"])
    with _stream(port, **{"Last-Event-ID": seen.encode("latin-1")}) as stream:
        assert _next(stream)[1][0] == "1 started", "an id that nobody gave is none"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_stop_ends_its_streams(server, store, number):
    """ECS kills it after 30 seconds, and the release waits so long."""
    process, port = server
    _release(store)
    with _stream(port) as stream:
        _next(stream)
        process.send_signal(number)
        assert process.wait(timeout=8) is not None
        assert stream.read() is not None, "the answer ended as a whole one"
