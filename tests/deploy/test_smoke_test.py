"""`tandem check` checks the project at hand: its port, its paths, its containers, its own tests."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.settings import Settings
from pipeline.deploy.manifest import Release
from pipeline.deploy.smoke_test import CheckReport, check, facts
from tests.support.example_releases import SETTINGS, make_release
from tests.support.http_server import http_server

FAKE_DOCKER = '''
"""Containers from a JSON file."""
import json, os
from types import SimpleNamespace


def from_env():
    def listed(all, ignore_removed, filters):
        name = filters["label"][-1].partition("=")[2]
        return [SimpleNamespace(**each) for each in json.load(open(os.environ["FAKE"])).get(name, [])]

    return SimpleNamespace(containers=SimpleNamespace(list=listed))
'''
FAKE_CLI = '#!/bin/sh\n[ "$1" = exec ] || exit 1\nshift 2\nexec "$@"\n'


class Site(BaseHTTPRequestHandler):
    """A site without /static/ and without an API: its page names /app.css."""

    pages: dict[str, bytes] = {"/": b'<link rel="icon" href="/app.css">', "/app.css": b"a{}", "/up": b"up"}  # noqa: RUF012

    def do_GET(self) -> None:
        body = self.pages.get(self.path, b"")
        self.send_response(200 if body else 503 if self.path.startswith("/api") else 404)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        return "site"

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def site() -> Iterator[ThreadingHTTPServer]:
    with http_server(Site) as server:
        yield server


@pytest.fixture
def containers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two containers whose commands run here; returns the file that lists them."""
    (tmp_path / "docker.py").write_text(FAKE_DOCKER)
    (tmp_path / "bin").mkdir()
    cli = tmp_path / "bin" / "docker"
    cli.write_text(FAKE_CLI)
    cli.chmod(0o755)
    file = tmp_path / "containers.json"
    labels = {"io.tandem.task": "1"}
    app = {"id": "a", "name": "app-1", "status": "running", "labels": labels}
    app["attrs"] = {"State": {"StartedAt": "2"}}
    ended = {"State": {"ExitCode": 0, "FinishedAt": "1"}}
    static = {"id": "s", "name": "static-1", "status": "exited", "labels": labels, "attrs": ended}
    file.write_text(json.dumps({"app": [app], "static": [static]}))
    monkeypatch.setenv("FAKE", str(file))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return file


def own_project(**task: Any) -> Settings:
    """A project with its own Dockerfile and paths."""
    sources = SETTINGS.sources
    app = sources.app.model_copy(update={"dockerfile": "Dockerfile"})
    return SETTINGS.model_copy(
        update={
            "sources": sources.model_copy(update={"app": app}),
            "task": SETTINGS.task.model_copy(update={"health_path": "/up", **task}),
        }
    )


def target(server: ThreadingHTTPServer, settings: Settings, *, stack: str = "") -> dict[str, Any]:
    values = facts(_release(server.server_port), settings, f"http://127.0.0.1:{server.server_port}", stack)
    return {**values, "api_path": None}


def _release(port: int) -> Release:
    """A release whose app runs as this very user, and listens where the site does."""
    release = make_release()
    app, static = release.task_definition["containerDefinitions"]
    changed = {
        "user": f"{os.getuid()}:{os.getgid()}",
        "portMappings": [{"containerPort": port}],
        "readonlyRootFilesystem": False,
        "linuxParameters": {},
    }
    definition = {**release.task_definition, "containerDefinitions": [{**app, **changed}, static]}
    return replace(release, task_definition=definition)


def outcomes(report: CheckReport) -> dict[str, str]:
    return {result.name: result.outcome for result in report.results}


@pytest.mark.slow
def test_a_site_without_static_path_and_api_passes(site: ThreadingHTTPServer, tmp_path: Path) -> None:
    report = check(target(site, own_project()), tmp_path)
    checks = outcomes(report)
    assert set(checks.values()) == {"passed", "skipped"}, report.results
    assert checks["the health path answers"] == "passed"
    assert checks["the first asset of the page is served"] == "passed"
    assert not any("api" in name.split() or "app" in name.split() for name in checks)
    report.require("http://x", "local")


@pytest.mark.slow
def test_what_fails_is_named_with_its_reason(site: ThreadingHTTPServer, tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "test_own.py").write_text("import no_such_module\n")
    settings = own_project(health_path="/gone")
    report = check({**target(site, settings), "api_path": "/api"}, tmp_path)
    checks = outcomes(report)
    assert checks["the page is served"] == "passed"
    assert checks["the health path answers"] == "failed"
    assert checks["the api answers"] == "failed"
    with pytest.raises(TandemError, match=r"4 of .* checks failed on http://x") as caught:
        report.require("http://x", "prod")
    assert "/gone answers 404" in caught.value.message
    assert "no_such_module" in caught.value.message
    assert caught.value.hint == "tandem status --env prod"


@pytest.mark.slow
def test_containers_are_checked_against_their_task_definition(
    site: ThreadingHTTPServer, tmp_path: Path, containers: Path
) -> None:
    """And the project's own tests get the same containers."""
    del containers
    content = tmp_path / "content"
    content.mkdir()
    (content / "page.html").touch()
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "test_own.py").write_text(
        "def test_the_fixtures(app, static, site):\n"
        "    assert app.run('echo hi').stdout == 'hi\\n'\n"
        "    assert static.status == 'exited'\n"
        "    assert site.get('/up').text == 'up'\n"
    )
    settings = own_project(content_path=str(content))
    checks = outcomes(check(target(site, settings, stack="s"), tmp_path))
    assert checks["every container of the task is there"] == "passed"
    assert checks["the port listens (app-1)"] == "passed"
    assert checks["the content is present and readable (app-1)"] == "passed"
    assert checks["its own volumes are writable (app-1)"] == "passed"
    assert checks["the data container ended before app started (static-1)"] == "passed"
    assert checks["the fixtures (app-1-static-1)"] == "passed"
    assert checks["the first process is nginx (app-1)"] == "skipped"
    assert checks["the root file system is read only (app-1)"] == "skipped"


@pytest.mark.slow
def test_a_missing_container_and_a_closed_port_are_found(
    site: ThreadingHTTPServer, tmp_path: Path, containers: Path
) -> None:
    """A layout without a data container has no checks of one."""
    del containers
    what = target(site, own_project(), stack="s")
    what["containers"][0]["portMappings"] = [{"containerPort": 1}]
    what["containers"][1]["name"] = "gone"
    checks = outcomes(check(what, tmp_path))
    assert checks["every container of the task is there"] == "failed"
    assert checks["the port listens (app-1)"] == "failed"
    assert checks["the content is present and readable (app-1)"] == "failed"
    assert not any("data container" in name for name in checks)


@pytest.mark.slow
def test_the_examples_checks_can_be_copied(site: ThreadingHTTPServer, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "checks", tmp_path / "checks")
    checks = outcomes(check(target(site, SETTINGS), tmp_path))
    assert checks["the page names an asset of the content"] == "failed"
    assert checks["the page is asked for again each time"] == "passed"
    assert "the catalogue is healthy" not in checks


@pytest.mark.slow
def test_checks_that_cannot_be_run_say_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(TandemError, match="could not be run"):
        check({}, tmp_path)
