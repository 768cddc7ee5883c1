"""The example does what its OpenAPI document says: schemathesis sends what it allows and what it forbids."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from pipeline.core.paths import ROOT
from pipeline.deploy.store import Outcome, Store
from pipeline.deploy.store.lock import held
from pipeline.records.build_records import Records
from pipeline.records.publish import publish
from tests.records.example_record import RECORD
from tests.support.example_releases import make_release
from tests.support.ports import free_port
from tests.support.waiting import until

EXAMPLE = ROOT / "examples" / "api"
CONFIG = EXAMPLE / "tests" / "schemathesis.toml"


@contextmanager
def served(releases):
    """The example behind uvicorn, as its tasks run it: its URL."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "application:app", "--port", str(port), "--no-access-log"]
    places = {"TANDEM_RELEASES": str(releases), "TANDEM_RECORDS": str(releases / "records.sqlite")}
    environ = {**os.environ, **places}
    process = subprocess.Popen(command, cwd=EXAMPLE, env=environ, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: process.poll() is None and _answers(f"{url}/api/health"))
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(url):
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


def examine(url, folder: Path, examples: int, *more: str) -> subprocess.CompletedProcess[str]:
    """Run schemathesis against the API at `url`."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", CONFIG]
    options = ["--no-color", "--seed", "1", "--max-examples", str(examples)]
    run = [*command, "run", f"{url}/api/openapi.json", *options, *more]
    return subprocess.run(run, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def releases(tmp_path):
    """Two releases and a build, so that answers have content."""
    store = Store.in_folder(tmp_path, "prod")
    for fill in "ab":
        release = store.add(make_release(fill, why=f"push {fill}"))
        with held(store.objects, "release", wait=1) as lease:
            store.record(release.number, Outcome.STARTED)
            store.succeed(release.number, lease.token)
    Records(tmp_path / "records.sqlite").add(RECORD)
    publish(store.objects, [RECORD.document()], "csv")
    return tmp_path


@pytest.mark.slow
def test_the_server_does_what_its_document_says(releases, tmp_path):
    with served(releases) as url:
        result = examine(url, tmp_path, 30)
    assert result.returncode == 0, result.stdout
    assert "warning" not in result.stdout.splitlines()[-1], result.stdout
