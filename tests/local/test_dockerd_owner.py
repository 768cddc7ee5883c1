"""Who may stop a Docker Engine: the user that started it, while no process holds it."""

import json
import os
import shutil
import signal
import subprocess
from http.server import BaseHTTPRequestHandler

import pytest

from pipeline.local import dockerd
from pipeline.local.dockerd import Daemon, lasting_engine, stop_if_started_here
from pipeline.local.engine_process import start_time
from tests.support.http_server import http_server


class _Engine(BaseHTTPRequestHandler):
    """Lists its containers, and does not know them any more when it is asked for one."""

    def do_GET(self):
        path = self.path.partition("?")[0]
        status, answer = 404, {"message": "no such container"}
        if path.endswith("/containers/json"):
            status, answer = 200, self.server.containers
        elif path.endswith(("/version", "/_ping")):
            status, answer = 200, {"ApiVersion": "1.41"}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Write nothing."""


@pytest.fixture
def server():
    with http_server(_Engine) as server:
        server.containers = [{"Id": "a" * 64, "Names": ["/site"]}]
        yield server


@pytest.fixture
def engine(server):
    return f"tcp://127.0.0.1:{server.server_port}"


@pytest.fixture
def started(server, engine, tmp_path):
    """A Docker Engine without containers that Tandem started, and its process."""
    server.containers = []
    (tmp_path / "dockerd").symlink_to(shutil.which("sleep"))
    with subprocess.Popen([tmp_path / "dockerd", "60"]) as process:
        daemon = Daemon(engine, notes=tmp_path)
        daemon.record.write_text(json.dumps({"pid": process.pid, "began": start_time(process.pid)}))
        try:
            yield daemon, process
        finally:
            process.kill()


@pytest.mark.slow
def test_a_container_that_is_just_gone_is_no_error(engine, tmp_path, monkeypatch):
    (tmp_path / "dockerd.json").write_text("{}")
    monkeypatch.setattr(dockerd, "_started_pid", lambda _: os.getpid())
    assert not stop_if_started_here(lambda _: None, Daemon(engine, notes=tmp_path))


def test_an_engine_of_another_user_stays_and_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "dockerd.json").write_text("{}")
    monkeypatch.setattr(os, "access", lambda *_: False)
    messages = []
    assert not stop_if_started_here(messages.append, Daemon(notes=tmp_path))
    assert messages == ["the Docker Engine stays: another user's `tandem up` started it"]
    assert (tmp_path / "dockerd.json").exists()


@pytest.mark.slow
def test_an_engine_that_is_kept_stays_until_nobody_keeps_it(started):
    daemon, process = started
    with lasting_engine(print, daemon):
        with lasting_engine(print, daemon):
            assert not stop_if_started_here(print, daemon)
        assert process.poll() is None
    assert process.wait(10) == -signal.SIGTERM


@pytest.mark.slow
def test_an_engine_stays_while_another_process_holds_it_however_that_ends(started):
    daemon, process = started
    command = ["flock", "--shared", "--no-fork", daemon.hold, "sh", "-c", "echo held; exec sleep 60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        try:
            assert holder.stdout.readline() == b"held\n"
            assert not stop_if_started_here(print, daemon)
            assert process.poll() is None
        finally:
            holder.kill()
    assert stop_if_started_here(print, daemon)


@pytest.mark.slow
def test_who_cannot_hold_an_engine_uses_it(engine, tmp_path):
    """Without the right to make Tandem's folder there is no engine of Tandem."""
    (tmp_path / "file").touch()
    with lasting_engine(print, Daemon(engine, notes=tmp_path / "file" / "notes")):
        pass
