"""`make down` of a user leaves the Docker Engine that root's `make up` started."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pipeline.local import dockerd
from pipeline.local.dockerd import Daemon, stop_if_started_here


class _Engine(BaseHTTPRequestHandler):
    """Lists a container, and does not know it any more when it is asked for."""

    def do_GET(self):
        lists = self.path.partition("?")[0].endswith("/containers/json")
        answer = (
            {"ApiVersion": "1.41"} if self.path.endswith("/version") else {"message": "no such container"}
        )
        body = json.dumps([{"Id": "a" * 64, "Names": ["/site"]}] if lists else answer).encode()
        self.send_response(200 if lists or self.path.endswith("/version") else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Write nothing."""


@pytest.fixture
def engine():
    server = HTTPServer(("127.0.0.1", 0), _Engine)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"tcp://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_container_that_is_just_gone_is_no_error(engine, tmp_path, monkeypatch):
    (tmp_path / "dockerd.json").write_text("{}")
    monkeypatch.setattr(dockerd, "_started_pid", lambda _: os.getpid())
    assert not stop_if_started_here(lambda _: None, Daemon(engine, notes=tmp_path))


def test_an_engine_of_another_user_stays_and_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "dockerd.json").write_text("{}")
    monkeypatch.setattr(os, "access", lambda *_: False)
    said = []
    assert not stop_if_started_here(said.append, Daemon(notes=tmp_path))
    assert said == ["the Docker Engine stays: another user's `tandem up` started it"]
    assert (tmp_path / "dockerd.json").exists()
