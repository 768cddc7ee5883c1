"""The example's page in a browser, with releases, builds and triggers."""

import asyncio
from dataclasses import replace

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from pipeline.core.steps import Step
from pipeline.core.trigger import Trigger
from pipeline.core.values import Source
from pipeline.deploy.store import Outcome
from pipeline.deploy.store.lock import held
from pipeline.records.build_records import Records
from pipeline.triggers.queue import Ended, Queue
from pipeline.triggers.queue import TriggerOutcome as End
from tests.examples.page.site import EXAMPLES, RUN, Down, Policy, served
from tests.records.example_record import RECORD
from tests.support.browser import browser_of
from tests.support.example_releases import make_release


@pytest.fixture
def down():
    return Down()


@pytest.fixture
def site(application, down, monkeypatch):
    monkeypatch.setenv("TANDEM_ENVIRONMENT", "prod")

    async def api(scope, receive, send):
        if down.is_down:
            await Response("<h1>503</h1>", 503)(scope, receive, send)
        elif down.is_silent:
            while down.is_silent:  # noqa: ASYNC110 - the test sets it in another thread
                await asyncio.sleep(0.05)
            await Response(status_code=503)(scope, receive, send)
        else:
            await application(
                {**scope, "path": scope["root_path"] + scope["path"].removeprefix("/api"), "root_path": ""},
                receive,
                send,
            )

    routes = [
        Mount("/api", api),
        Mount("/static", StaticFiles(directory=EXAMPLES / "static")),
        Mount("/", StaticFiles(directory=EXAMPLES / "app" / "html", html=True)),
    ]
    with served(Starlette(routes=routes, middleware=[Middleware(Policy)])) as url:
        yield url


@pytest.fixture(scope="module")
def browser(chromium):
    with browser_of(chromium) as browser:
        yield browser


@pytest.fixture
def released(store):
    """Three releases, the second of which failed; the third's run is measured."""
    for fill, why in (("a", "push to app"), ("b", "push to static"), ("c", "push to app and static")):
        release = store.add(make_release(fill, why=why))
        with held(store.objects, why, wait=1) as lease:
            store.record(release.number, Outcome.STARTED, token=lease.token)
            if fill == "c":
                store.add_run(lease.token, RUN)
            if fill == "b":
                store.record(release.number, Outcome.FAILED, "container app exited with code 1")
            else:
                store.succeed(release.number, lease.token)
    return store


@pytest.fixture
def measured(tmp_path):
    """Builds of releases, a comparison of bloated and split builds, and two triggers."""
    records = Records(tmp_path / "records.sqlite")
    builds = [("app", "", 2.0), ("static", "", 0.3), ("app", "", 1.5), ("api", "", 12.0)]
    compared = [("monolith", "app-only", 12.0), ("app", "app-only", 1.5)]
    compared += [("monolith", "static-one-file", 15.0), ("static", "static-one-file", 0.25)]
    changed = {"app-only": 379, "static-one-file": 1785}
    for second, (image, scenario, seconds) in enumerate(builds + compared):
        records.add(
            replace(
                RECORD,
                started_at=f"2026-01-02T00:00:{second:02d}+00:00",
                image=image,
                scenario=scenario,
                run="r1" if scenario else "",
                digest=f"sha256:{second}",
                steps=(Step("build", seconds),),
                bytes_sent=round(seconds * 1e6),
                bytes_changed=changed.get(scenario),
            )
        )
    queue = Queue(tmp_path / "queue")
    entry = queue.add(Trigger("git hook", "erika@laptop", "2026-01-02T00:00:00Z", Source.APP, after="a" * 40))
    queue.end(entry, Ended(End.RELEASED, "2026-01-02T00:00:09Z", 3))
    queue.add(Trigger("GitHub", "kim@laptop", "2026-01-02T00:01:00Z", Source.STATIC, after="b" * 40))
    return records
