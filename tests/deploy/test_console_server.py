"""`tandem console` serves the page on loopback, and ends with its command."""

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from pipeline.aws.access import Aws
from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT
from pipeline.core.trigger import Trigger
from pipeline.deploy.console_server import other_environments, records_of, what_serves
from pipeline.deploy.store import Outcome, Store
from pipeline.records.build_records import FILE, Records
from pipeline.triggers.queue import Queue
from tests.records.example_record import RECORD
from tests.support.ports import free_port
from tests.support.waiting import until

pytestmark = pytest.mark.slow

SERVE = """
import sys
from pathlib import Path
from types import SimpleNamespace
from pipeline.aws.access import Aws
from pipeline.core.errors import TandemError
from pipeline.deploy.console_server import serve
from pipeline.deploy.store import Store
state = Path(sys.argv[1])
store, project = Store.in_folder(state / "releases", "local"), SimpleNamespace(state=state.parent)
session = SimpleNamespace(
    is_local=True, environment="local", state=state, project=project, store=store, aws=Aws("eu-central-1"),
    platform=SimpleNamespace(load_balancer_arn="", function_name=""),
)
try:
    serve(session, int(sys.argv[2]))
except TandemError as error:
    sys.exit(error.message)
"""


@pytest.fixture
def start(tmp_path):
    state = tmp_path / "local"
    Store.in_folder(state / "releases", "local").record(0, Outcome.REFUSED, "no content")
    Records(tmp_path / FILE).add(replace(RECORD, scenario=""))
    Queue(state / "queue").add(Trigger("git hook", "erika@laptop", "2026-01-02T00:00:00Z"))
    started = []

    def run(port):
        command = [sys.executable, "-c", SERVE, str(state), str(port)]
        started.append(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE))
        return started[-1]

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def _get(port, path="/", **headers):
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", headers=headers)
    except httpx.TransportError:
        return None


def test_it_serves_page_assets_and_releases_until_it_is_interrupted(start):
    port = free_port()
    process = start(port)
    page = until(lambda: _get(port))
    assert "What runs here" in page.text
    assert _get(port, "/static/manifest.json").status_code == 200
    assert [each["outcome"] for each in _get(port, "/api/events").json()["events"]] == ["refused"]
    assert [each["image"] for each in _get(port, "/api/builds").json()["builds"]] == [RECORD.image]
    shown = [
        (each["name"], each["waiting"]) for each in _get(port, "/api/environments").json()["environments"]
    ]
    assert shown == [("local", 1)]
    assert [each["by"] for each in _get(port, "/api/queue").json()["waiting"]] == ["erika@laptop"]
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) in {0, -signal.SIGINT}
    assert _get(port) is None


def test_its_end_by_force_leaves_no_server(start):
    port = free_port()
    process = start(port)
    until(lambda: _get(port))
    process.kill()
    process.wait()
    assert _get(port) is None


def test_a_name_that_leads_here_is_refused(start):
    port = free_port()
    start(port)
    until(lambda: _get(port))
    assert _get(port, "/api/status", host="evil.example").status_code == 400


def test_a_taken_port_is_named(start):
    port = free_port()
    start(port)
    until(lambda: _get(port))
    second = start(port)
    assert second.wait(timeout=20) == 1
    text = second.stderr.read().decode()
    assert f"cannot listen on 127.0.0.1:{port}" in text
    assert "http://" not in text, "there is no page"


@pytest.mark.parametrize(("table", "place"), [("shop-records", "shop-records"), ("", "/p/records.sqlite")])
def test_elsewhere_the_records_are_in_the_table_that_all_machines_share(table, place):
    platform = SimpleNamespace(records_table=table)
    session = SimpleNamespace(is_local=False, platform=platform, project=SimpleNamespace(state=Path("/p")))
    assert records_of(session) == place


def _opened(*, is_local=False, **places):
    """A session beside these environments; an error in place of a place is raised when it is opened."""
    project = SimpleNamespace(settings=SimpleNamespace(environments=dict.fromkeys(places)))

    def open_(_, name):
        if isinstance(places[name], TandemError):
            raise places[name]
        objects = SimpleNamespace(place=places[name])
        return SimpleNamespace(
            store=SimpleNamespace(objects=objects), aws=Aws("eu-west-1"), state=Path("/p") / name
        )

    return SimpleNamespace(is_local=is_local, environment="prod", project=project), open_


def test_the_other_environments_are_told_with_their_region_or_the_reason():
    session, open_ = _opened(prod="s3://p/prod/", staging="s3://s/staging/", new=TandemError("no platform"))
    assert other_environments(session, open_) == [
        {"name": "new", "problem": "no platform"},
        {
            "name": "staging",
            "releases": "s3://s/staging/",
            "region": "eu-west-1",
            "queue": "/p/staging/queue",
        },
    ]


def test_the_local_environment_is_alone():
    session, open_ = _opened(is_local=True, staging="s3://s/staging/")
    assert other_environments(session, open_) == []


def test_what_serves_is_named_by_the_platform():
    platform = SimpleNamespace(load_balancer_arn="arn:balancer", function_name="shop-prod-api")
    assert what_serves(SimpleNamespace(platform=platform)) == {
        "TANDEM_LOAD_BALANCER": "arn:balancer",
        "TANDEM_FUNCTION": "shop-prod-api",
    }


def test_before_the_first_apply_nothing_serves():
    class Unapplied:
        @property
        def platform(self):
            raise TandemError("there is no platform in local yet")

    assert what_serves(Unapplied()) == {}
