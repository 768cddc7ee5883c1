"""The page shows targets and versions, holds and other environments, and says what it cannot know."""

import json
from functools import cache

import pytest

from pipeline.core.values import Commit, Source
from pipeline.deploy.store import Outcome, Store
from pipeline.deploy.store.holds import Hold
from pipeline.deploy.store.lock import held
from tests.examples.page.site import SIZES, violations
from tests.support.browser import page_of
from tests.support.example_releases import make_release

pytestmark = pytest.mark.browser
CANARY = {
    "targets": [
        {"group": "api", "states": {"unavailable": 1}},
        {"group": "app", "states": {"healthy": 2, "initial": 1, "draining": 1}},
    ],
    "versions": [{"version": "7", "percent": 95.0}, {"version": "8", "percent": 5.0}],
    "unknown": "",
}


class Serving:
    """What AWS would tell; `tests/examples/test_serving.py` shows that it is told so."""

    def __init__(self, told):
        self.told = told

    def read(self):
        return self.told


@pytest.fixture
def serving(example, monkeypatch, application):  # noqa: ARG001 - it imports the module first
    told = Serving(CANARY)
    monkeypatch.setattr(example("console.web"), "serving", cache(lambda: told))
    return told


@pytest.mark.usefixtures("released", "serving")
def test_the_health_of_targets_and_a_canary_are_shown(browser, site):
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("Up to date").wait_for()
        assert page.locator("#serving li").all_inner_texts() == [
            "api not checked: it is a function",
            "app 2 healthy, 1 starting, 1 draining",
            "api version 7: 95 % of requests",
            "api version 8: 5 % of requests",
        ]
        lengths = [float(each.get_attribute("width")) for each in page.locator("#serving rect").all()]
        assert lengths == [95, 5]
        assert violations(page) == {}


@pytest.mark.usefixtures("released")
def test_a_canary_moves_on_the_page_while_a_release_runs(browser, site, released, serving):
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("version 8: 5 % of requests").wait_for()
        with held(released.objects, "push to api", wait=1):
            serving.told = {**CANARY, "versions": [{"version": "8", "percent": 100.0}]}
            page.get_by_text("version 8: 100 % of requests").wait_for()
        assert page.get_by_text("version 7").count() == 0


@pytest.mark.usefixtures("released")
def test_what_is_not_known_is_said_with_the_command_that_knows_it(browser, site, serving):
    serving.told = {"targets": None, "versions": CANARY["versions"][:1], "unknown": "AWS does not answer."}
    with page_of(browser) as page:
        page.goto(site)
        text = (
            "Not known here: the health of targets. AWS does not answer. Ask with tandem status --env prod."
        )
        page.get_by_text(text).wait_for()
        assert page.get_by_text("version 7: 95 % of requests").is_visible()
        assert page.problems == []


@pytest.mark.usefixtures("serving")
def test_a_hold_is_shown_with_the_command_that_ends_it(browser, site, released):
    commit = Commit(Source.APP, "1" * 40, "Change the menu")
    hold = Hold(commit, ("2" * 40,), "the menu is broken", "erika@laptop", "2026-01-02T00:00:00Z")
    with held(released.objects, "hold", wait=1) as lease:
        released.set_holds({Source.APP: hold}, lease.token)
    with page_of(browser) as page:
        page.goto(site)
        page.locator("#holds").get_by_text("Change the menu (the menu is broken)").wait_for()
        assert page.locator("#holds code").all_inner_texts() == ["1" * 10, "tandem resume --env prod app"]
        assert "erika" not in page.content()


@pytest.mark.usefixtures("released", "serving")
def test_a_site_shows_no_other_environment(browser, site):
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("Up to date").wait_for()
        assert page.locator("#environments-part").is_hidden()
        assert page.get_by_role("heading", level=1).inner_text() == "What runs here in prod"


@pytest.fixture
def staging(site, monkeypatch, reconnect, tmp_path):  # noqa: ARG001 - `site` sets the other variables first
    """Another environment, whose app has another commit; and one without a platform."""
    store = Store.in_folder(tmp_path / "staging", "staging")
    changed = {Source.APP: Commit(Source.APP, "9" * 40, "Change the colour")}
    release = store.add(make_release("d", commits={**make_release().commits, **changed}))
    with held(store.objects, "push to app", wait=1) as lease:
        store.record(release.number, Outcome.STARTED)
        store.succeed(release.number, lease.token)
    told = [
        {"name": "staging", "releases": str(tmp_path / "staging"), "queue": str(tmp_path / "q")},
        {"name": "new", "problem": "there is no platform in new yet"},
    ]
    monkeypatch.setenv("TANDEM_ENVIRONMENTS", json.dumps(told))
    reconnect()


@pytest.mark.usefixtures("released", "serving", "staging")
@pytest.mark.parametrize("size", SIZES)
def test_environments_are_side_by_side(browser, site, size):
    with page_of(browser, viewport=SIZES[size]) as page:
        page.goto(site)
        page.locator("#environments").wait_for()
        names = page.locator("#environments tbody th").all_inner_texts()
        assert names == ["prod (this page)", "new", "staging"]
        assert page.locator("#environments .other").all_inner_texts() == ["9999999999 Change the colour"]
        assert "there is no platform in new yet" in page.locator("#environments").inner_text()
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, "nothing is wider than the screen"
        assert violations(page) == {}
