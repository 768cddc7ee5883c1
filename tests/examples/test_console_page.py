"""The example's page in a browser: what it shows, and what it does while the API is down."""

import re
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from pipeline.compare import presets
from pipeline.compare.builds import StartedComparison
from pipeline.compare.measurement import Cell, Measurement, Variant
from pipeline.compare.scenarios import Scenario
from pipeline.core.paths import ROOT
from pipeline.core.steps import Step
from pipeline.core.timeline import Span
from pipeline.core.trigger import Trigger
from pipeline.core.values import Source
from pipeline.deploy.store import Outcome
from pipeline.deploy.store.lock import held
from pipeline.records.build_records import Records
from pipeline.records.run_record import RunRecord
from pipeline.triggers.queue import Ended, Queue
from pipeline.triggers.queue import Outcome as End
from tests.records.example_record import RECORD
from tests.support.browser import browser_of, page_of
from tests.support.example_releases import make_release
from tests.support.waiting import until

pytestmark = pytest.mark.browser
EXAMPLES = ROOT / "examples"
SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


class Down:
    """Whether the API answers; while it does not, the load balancer's 503 stands in for it."""

    is_down = False


class Policy:
    """Sends the content security policy of the example's nginx with every answer."""

    def __init__(self, app):
        self._app = app
        text = (EXAMPLES / "app" / "nginx.conf").read_text()
        self._policy = re.search(r'Content-Security-Policy "([^"]+)"', text)[1].encode()

    async def __call__(self, scope, receive, send):
        async def more(message):
            if message["type"] == "http.response.start":
                message["headers"].append((b"content-security-policy", self._policy))
            await send(message)

        await self._app(scope, receive, more)


@contextmanager
def served(application):
    """The site on loopback: its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def down():
    return Down()


@pytest.fixture
def site(application, down):
    async def api(scope, receive, send):
        if down.is_down:
            await Response("<h1>503</h1>", 503)(scope, receive, send)
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


RUN = RunRecord(
    "2026-01-01T00:00:00Z",
    "push to app",
    3,
    14.2,
    7.9,
    failed=False,
    spans=tuple(
        Span(*part)
        for part in (
            *(("heads", 0.2, 0.4), ("build", 0.6, 3.1), ("app", 0.7, 3.0, 1), ("verify", 3.7, 0.5)),
            *(("apply", 4.2, 2.4), ("watch", 6.6, 1.3), ("bake", 7.9, 6.0), ("record", 13.9, 0.2)),
        )
    ),
)


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
            )
        )
    queue = Queue(tmp_path / "queue")
    entry = queue.add(Trigger("git hook", "erika@laptop", "2026-01-02T00:00:00Z", Source.APP, after="a" * 40))
    queue.end(entry, Ended(End.RELEASED, "2026-01-02T00:00:09Z", 3))
    queue.add(Trigger("GitHub", "kim@laptop", "2026-01-02T00:01:00Z", Source.STATIC, after="b" * 40))
    return records


def _violations(page):
    found = Axe().run(page).response["violations"]
    return {each["id"]: [node["target"] for node in each["nodes"]] for each in found}


@pytest.mark.usefixtures("released", "measured")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_it_shows_what_runs_without_an_error(browser, site, size, scheme, tmp_path):
    with page_of(browser, viewport=SIZES[size], color_scheme=scheme) as page:
        page.goto(site)
        page.get_by_text("Up to date").wait_for()
        assert page.locator("#current .headline").inner_text() == "Release 3"
        assert page.locator("#releases > li").count() == 3
        assert "container app exited with code 1" in page.locator("#events").inner_text()
        assert "a month on Fargate (eu-central-1, 2026-11)" in page.locator("#current").inner_text()
        assert page.locator(".waterfall tr").count() == len(RUN.spans)
        assert page.locator("#builds canvas").count() == 1
        page.locator("#builds summary").click()
        assert "new content after 7.9 s" in page.locator(".waterfall caption").inner_text()
        page.screenshot(path=tmp_path / "page.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, "nothing is wider than the screen"
        assert _violations(page) == {}
        assert page.problems == []


@pytest.mark.usefixtures("released")
def test_a_release_shows_what_it_changed_and_how_to_go_back(browser, site):
    with page_of(browser) as page:
        page.goto(site)
        oldest = page.locator("#releases > li").last
        assert oldest.locator(".back code").inner_text() == "tandem rollback 1"
        newest = page.locator("#releases > li").first
        assert newest.locator(".back").is_hidden()
        newest.locator("summary").press("Enter")
        newest.get_by_text("new images: api, app, static").wait_for()
        assert page.problems == []


@pytest.mark.usefixtures("released", "measured")
def test_it_shows_what_a_change_costs_both_ways(browser, site):
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("8.0 times as fast").wait_for()
        rows = page.locator("#comparison .times tbody tr")
        assert [" ".join(text.split()[:-1]) for text in rows.all_inner_texts()] == [
            "A change of the app bloated 12.0 s split 1.50 s ·",
            "One file of the content bloated 15.0 s split 0.25 s ·",
        ]
        lengths = [float(bar.get_attribute("width")) for bar in rows.locator("rect").all()]
        assert lengths == pytest.approx([80, 10, 100, 100 / 60])
        sent = page.locator("#comparison .numbers tbody tr").first.inner_text()
        assert sent.split("\t")[1:] == ["unknown", "12 MB", "1.5 MB"]
        assert page.problems == []


@pytest.mark.usefixtures("released", "measured")
def test_the_chart_has_its_numbers_as_a_table_too(browser, site):
    with page_of(browser) as page:
        page.goto(site)
        chart = page.get_by_role("img", name="app: median 1.75 s of 2 builds.")
        chart.wait_for()
        page.locator("#builds summary").press("Enter")
        table = page.locator("#builds .numbers")
        table.wait_for()
        texts = [row.split("\t")[1:] for row in table.locator("tbody tr").all_inner_texts()]
        assert texts == [
            ["api", "12.0 s", "12 MB"],
            ["app", "1.50 s", "1.5 MB"],
            ["static", "0.30 s", "300 kB"],
            ["app", "2.00 s", "2.0 MB"],
        ]
        assert "12.0 s the bloated image, for a change of the app" in page.locator("#builds").inner_text()
        page.set_viewport_size(SIZES["phone"])
        until(lambda: page.locator("#builds canvas").bounding_box()["width"] < SIZES["phone"]["width"])


@pytest.mark.usefixtures("released")
def test_the_chart_compares_a_build_with_the_comparison_before_it(browser, site, measured):
    measured.add(StartedComparison("r2", "2026-01-03T00:00:00+00:00", presets.quick(1), "this"))
    cell = Cell("300 MB", Variant.MONOLITH, Scenario.APP_ONLY)
    measured.add(Measurement("r2", "2026-01-03T00:01:00+00:00", cell, "this", 40.0, 40.0))
    later = {"started_at": "2026-01-04T00:00:00+00:00", "scenario": "", "run": "", "steps": (Step("b", 3.0),)}
    measured.add(replace(RECORD, **later))
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("40.0 s the bloated image").wait_for()
        plot, legend = page.locator("#builds .u-over"), page.locator("#builds .u-legend")
        width = plot.bounding_box()["width"]
        plot.hover(position={"x": 5, "y": 20})
        until(lambda: "12.0 s" in legend.inner_text())
        plot.hover(position={"x": width - 5, "y": 20})
        until(lambda: "40.0 s" in legend.inner_text() and "3.00 s" in legend.inner_text())


@pytest.mark.usefixtures("released", "measured")
def test_triggers_are_shown_without_names(browser, site):
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("released with release 3").wait_for()
        rows = page.locator("#queue li").all_inner_texts()
        assert [row.partition("M ")[2] or row for row in rows] == [
            "push to static bbbbbbbbbb (GitHub) waits",
            "push to app aaaaaaaaaa (git hook) released with release 3",
        ]


@pytest.mark.usefixtures("released", "measured")
def test_another_comparison_is_chosen_by_keyboard(browser, site, measured):
    measured.add(StartedComparison("r2", "2026-01-03T00:00:00+00:00", presets.quick(1), "this"))
    cell = Cell("300 MB", Variant.MONOLITH, Scenario.BOTH)
    measured.add(Measurement("r2", "2026-01-03T00:01:00+00:00", cell, "this", 40.0, 40.0))
    with page_of(browser) as page:
        page.goto(site)
        page.locator("#comparison").get_by_text("App and content").first.wait_for()
        page.get_by_label("Comparison").press("ArrowDown")
        page.get_by_text("8.0 times as fast").wait_for()
        assert page.problems == []


@pytest.mark.usefixtures("released")
def test_parts_without_records_say_so_and_the_others_go_on(browser, site, tmp_path):
    (tmp_path / "records.sqlite").write_text("no database")
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("Up to date").wait_for()
        assert page.locator("#releases > li").count() == 3
        assert "cannot be read now" in page.locator("#builds").inner_text()
        assert "cannot be read now" in page.locator("#comparison").inner_text()


@pytest.mark.usefixtures("released", "measured")
def test_it_prints_without_controls(browser, site):
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("Up to date").wait_for()
        page.emulate_media(media="print")
        assert page.locator(".copy").first.is_hidden()
        assert page.locator("#builds canvas").is_visible()


def test_a_rollout_appears_as_it_goes(browser, site, released):
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("Up to date").wait_for()
        with held(released.objects, "push to app", wait=1) as lease:
            release = released.add(make_release("d", why="push to app"))
            released.record(release.number, Outcome.STARTED)
            page.get_by_text("Working: push to app").wait_for()
            page.locator("#events").get_by_text("release 4 started").wait_for()
            released.succeed(release.number, lease.token)
        page.locator("#events").get_by_text("release 4 succeeded").wait_for()
        assert page.locator("#current .headline").inner_text() == "Release 4"
        until(lambda: page.locator("#working").is_hidden())


@pytest.mark.usefixtures("released")
def test_it_says_that_the_api_is_down_and_goes_on_when_it_is_back(browser, site, down):
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("Up to date").wait_for()
        down.is_down = True
        page.get_by_text("The API does not answer").wait_for()
        assert page.locator("#current .headline").inner_text() == "Release 3", "it keeps what it showed"
        down.is_down = False
        page.get_by_text("Up to date").wait_for()


def test_an_environment_without_a_release_says_so(browser, site):
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("Nothing was released yet.").wait_for()
        assert _violations(page) == {}


def test_without_scripts_it_says_what_it_needs(browser, site):
    with page_of(browser, java_script_enabled=False) as page:
        page.goto(site)
        assert "needs JavaScript" in page.locator("noscript").inner_text()


def test_text_of_a_commit_cannot_become_markup(browser, site, store):
    release = make_release(why="<img src=x onerror=alert(1)>")
    with held(store.objects, "x", wait=1) as lease:
        release = store.add(release)
        store.record(release.number, Outcome.STARTED)
        store.succeed(release.number, lease.token)
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("<img src=x onerror=alert(1)>").wait_for()
        assert page.locator("img[src=x]").count() == 0
        assert page.problems == []
