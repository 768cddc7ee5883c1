"""The page follows triggers and a rollout as they go, and goes on after the API was away."""

import pytest

from pipeline.deploy.store import Outcome
from pipeline.deploy.store.lock import held
from tests.support.browser import page_of
from tests.support.example_releases import make_release
from tests.support.waiting import until

pytestmark = pytest.mark.browser


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


@pytest.mark.usefixtures("released")
def test_an_answer_that_does_not_come_is_not_waited_for(browser, site, down):
    with page_of(browser) as page:
        down.is_silent = True
        page.goto(site)
        page.get_by_text("The API does not answer").wait_for()
        down.is_silent = False
        page.get_by_text("Up to date").wait_for()
