"""The page shows what runs and what was released, on each screen, on paper and without scripts."""

import pytest

from pipeline.core.values import Commit, Source
from pipeline.deploy.store import Outcome
from pipeline.deploy.store.lock import held
from tests.examples.page.site import RUN, SIZES, violations
from tests.support.browser import page_of
from tests.support.example_releases import make_release

pytestmark = pytest.mark.browser


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
        assert violations(page) == {}
        assert page.problems == []


@pytest.mark.usefixtures("released")
def test_a_release_shows_what_it_changed_and_how_to_go_back(browser, site):
    with page_of(browser) as page:
        page.goto(site)
        oldest = page.locator("#releases > li").last
        assert oldest.locator(".back code").inner_text() == "tandem rollback --env prod 1"
        newest = page.locator("#releases > li").first
        assert newest.locator(".back").is_hidden()
        newest.locator("summary").press("Enter")
        newest.get_by_text("new images: api, app, static").wait_for()
        assert page.problems == []


@pytest.mark.usefixtures("released")
def test_a_release_that_goes_back_says_to_which_and_says_its_cause_once(browser, site, released):
    with held(released.objects, "tandem rollback", wait=1):
        release = released.add(make_release("a", why="tandem rollback", restores=1))
        released.record(release.number, Outcome.STARTED, "tandem rollback")
        with page_of(browser) as page:
            page.goto(site)
            card = page.locator("#releases > li").first
            card.get_by_text("tandem rollback, back to release 1 · ").wait_for()
            assert card.inner_text().count("tandem rollback") == 1
            failed = page.locator("#releases > li").nth(2)
            assert failed.locator(".reason").inner_text() == "container app exited with code 1"


@pytest.mark.parametrize("size", SIZES)
def test_a_long_subject_keeps_to_its_column(browser, site, store, size):
    """On a phone its second line began under the source's name."""
    commits = {Source.STATIC: Commit(Source.STATIC, "1" * 40, "Show the bytes that changed " * 6 + "x" * 90)}
    with held(store.objects, "push to static", wait=1) as lease:
        release = store.add(make_release(commits=commits))
        store.record(release.number, Outcome.STARTED)
        store.succeed(release.number, lease.token)
    with page_of(browser, viewport=SIZES[size]) as page:
        page.goto(site)
        page.get_by_text("Up to date").wait_for()
        for place in ("#current", "#releases"):
            label = page.locator(f"{place} .source").bounding_box()
            subject = page.locator(f"{place} .subject").bounding_box()
            assert subject["x"] >= label["x"] + label["width"]
            assert subject["x"] + subject["width"] <= SIZES[size]["width"]


def test_an_environment_without_a_release_says_so(browser, site):
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("Nothing was released yet.").wait_for()
        assert violations(page) == {}


@pytest.mark.usefixtures("released", "measured")
def test_it_prints_without_controls(browser, site):
    with page_of(browser) as page:
        page.goto(site)
        page.get_by_text("Up to date").wait_for()
        page.emulate_media(media="print")
        assert page.locator(".copy").first.is_hidden()
        assert page.locator("#builds canvas").is_visible()


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
