"""A pushed commit gets a status at its service, if a token is given, and nowhere else."""

import json
from http.server import BaseHTTPRequestHandler

import pytest

from pipeline.core.trigger import Trigger
from pipeline.core.values import Source
from pipeline.triggers import commit_status
from pipeline.triggers.commit_status import (
    GITHUB_TOKEN,
    GITLAB_TOKEN,
    StatusRequest,
    set_status,
    status_request,
)
from pipeline.triggers.queue import TriggerOutcome, ended_now
from tests.support.http_server import http_server
from tests.triggers.webhook.signed import AFTER, project_with

PUSH = Trigger("git hook", "alice", "2026-01-31T12:00:00Z", Source.APP, "", AFTER)
BOTH = {GITHUB_TOKEN: "for-github", GITLAB_TOKEN: "for-gitlab"}
FAILED = ended_now(TriggerOutcome.FAILED, why="cannot build app: " + "x" * 300)


def request(folder, url, ended=None, trigger=PUSH, **environ):
    return status_request(project_with(folder, app=url), "prod", trigger, ended, {**BOTH, **environ})


@pytest.mark.parametrize(
    ("ended", "state", "description"),
    [
        (None, "pending", "its release begins"),
        (ended_now(TriggerOutcome.RELEASED, release=3), "success", "released with release 3"),
        (ended_now(TriggerOutcome.MERGED, release=3), "success", "merged into release 3"),
        (ended_now(TriggerOutcome.SKIPPED, why="nothing moved"), "success", "skipped: nothing moved"),
        (ended_now(TriggerOutcome.FAILED, why="no"), "failure", "failed: no"),
    ],
)
def test_github_learns_how_it_ended(tmp_path, ended, state, description):
    sent = request(tmp_path, "git@github.com:you/site.git", ended)
    assert sent.url == f"https://api.github.com/repos/you/site/statuses/{AFTER}"
    assert sent.headers["Authorization"] == "Bearer for-github"
    assert sent.body == {"state": state, "context": "tandem/prod", "description": description}


def test_gitlab_learns_it_in_its_own_words(tmp_path):
    sent = request(tmp_path, "https://gitlab.com/Group/sub/site.git", FAILED)
    assert sent.url == f"https://gitlab.com/api/v4/projects/Group%2Fsub%2Fsite/statuses/{AFTER}"
    assert (sent.headers, sent.body["state"]) == ({"PRIVATE-TOKEN": "for-gitlab"}, "failed")
    assert len(sent.body["description"]) <= 140


@pytest.mark.parametrize("name", ["b%C3%BCro", "büro"])
def test_a_name_of_any_letters_is_encoded_once(tmp_path, name):
    sent = request(tmp_path, f"https://gitlab.com/you/{name}.git")
    assert "/projects/you%2Fb%C3%BCro/statuses/" in sent.url
    assert "/repos/you/b%C3%BCro/statuses/" in request(tmp_path, f"https://github.com/you/{name}").url


def test_a_service_of_ones_own_is_the_one_that_runs_the_ci(tmp_path):
    sent = request(tmp_path, "https://git.example/you/site", GITHUB_SERVER_URL="https://git.example")
    assert sent.url.startswith("https://git.example/api/v3/repos/you/site/")
    sent = request(tmp_path, "https://lab.example/you/site", CI_SERVER_URL="https://lab.example")
    assert sent.url.startswith("https://lab.example/api/v4/projects/")


@pytest.mark.parametrize(
    "url",
    ["https://github.com.evil.example/you/site", "https://evil.example/github.com/you", "/srv/git/site.git"],
)
def test_a_token_is_sent_to_its_own_host_only(tmp_path, url):
    assert request(tmp_path, url) is None


def test_without_a_token_or_a_commit_nothing_is_sent(tmp_path):
    project = project_with(tmp_path, app="https://github.com/you/site")
    assert status_request(project, "prod", PUSH, None, {}) is None
    assert status_request(project, "prod", Trigger("reconcile", "x", "", None), None, BOTH) is None
    assert status_request(project, "prod", Trigger("x", "x", "", Source.APP), None, BOTH) is None


@pytest.fixture
def service():
    """A service that notes what it gets, and answers with `status`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            self.server.got.append((self.path, self.headers["authorization"], json.loads(body)))
            self.send_response(self.server.status)
            self.end_headers()

        def log_message(self, *_):
            """Stay silent."""

    with http_server(Handler) as server:
        server.got, server.status = [], 201
        yield server


def aim(monkeypatch, service):
    url = f"http://127.0.0.1:{service.server_port}/statuses"
    sent = StatusRequest(url, {"Authorization": "Bearer for-github"}, {"state": "pending"})
    monkeypatch.setattr(commit_status, "status_request", lambda *_: sent)


@pytest.mark.slow
def test_it_is_posted_as_json(service, monkeypatch, tmp_path):
    aim(monkeypatch, service)
    set_status(project_with(tmp_path), "prod", PUSH, None)
    assert service.got == [("/statuses", "Bearer for-github", {"state": "pending"})]


@pytest.mark.slow
@pytest.mark.parametrize("status", [401, 404, 500, 302])
def test_a_status_that_cannot_be_set_is_one_line_without_the_token(
    service, monkeypatch, tmp_path, capsys, status
):
    service.status = status
    aim(monkeypatch, service)
    set_status(project_with(tmp_path), "prod", PUSH, None)
    (line,) = capsys.readouterr().err.splitlines()
    assert "the status of push to app bffeb74224 could not be set" in line
    assert "for-github" not in line


@pytest.mark.slow
def test_a_service_that_is_away_does_not_fail_a_release(service, monkeypatch, tmp_path, capsys):
    aim(monkeypatch, service)
    service.shutdown()
    service.server_close()
    set_status(project_with(tmp_path), "prod", PUSH, None)
    assert "could not be set" in capsys.readouterr().err
