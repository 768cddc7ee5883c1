"""A broken image never becomes current, and the release before it keeps serving."""

import pytest

from tests.faults import breaking
from tests.faults.site import assert_one_error

pytestmark = [pytest.mark.faults, pytest.mark.stack]


def refused(site, words):
    """Run a release that must fail and say why; the current release stays."""
    before = site.current
    failed = site.release()
    assert_one_error(failed, words=words)
    assert site.current == before
    assert site.store.interrupted() is None
    return failed


@pytest.mark.fault(13, "nginx configuration that the build refuses")
def test_a_configuration_that_nginx_refuses_gets_no_number(site, load):
    before = site.local.numbers()
    with breaking.refused_by_nginx(site):
        refused(site, ["[emerg]", 'invalid value "perhaps"'])
        assert site.local.numbers() == before
    site.finish()
    assert load.failures == []


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        pytest.param(
            breaking.emptied,
            ["it removes", "--allow-removal"],
            marks=pytest.mark.fault(17, "the content repository is suddenly empty"),
        ),
        pytest.param(
            breaking.without_content,
            ["carries no file in /srv/static", "nothing was changed"],
            marks=pytest.mark.fault(17, "a static image of its own Dockerfile carries no content"),
        ),
        pytest.param(
            breaking.exits_with_1,
            ["exits with code 1, not 0", "nothing was changed"],
            marks=pytest.mark.fault(17, "a static image of its own Dockerfile exits 1"),
        ),
    ],
)
def test_a_static_image_that_is_no_content_gets_no_number(site, load, broken, words):
    before = site.local.numbers()
    with broken(site):
        refused(site, words)
        assert site.local.numbers() == before
    site.finish()
    assert load.failures == []


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        pytest.param(
            breaking.refused_at_start,
            ["[emerg]", "Read-only file system", "runs again"],
            marks=pytest.mark.fault(13, "nginx configuration that fails at start"),
        ),
        pytest.param(
            breaking.crash_at_start,
            ["exited with code 3", "refused to start", "runs again"],
            marks=pytest.mark.fault(14, "new task crash-loops"),
        ),
        pytest.param(
            breaking.never_healthy,
            ["health checks", "runs again"],
            marks=pytest.mark.fault(15, "new task starts, and is never healthy"),
        ),
    ],
)
def test_tasks_that_do_not_serve_are_rolled_back(site, load, broken, words):
    with broken(site):
        refused(site, words)
        assert site.trail()[-1][1] == "rolled back"
    site.finish()
    assert load.failures == []


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        pytest.param(
            breaking.api_that_crashes,
            ["fails its probe", "no catalogue"],
            marks=pytest.mark.fault(21, "Lambda crashes at init"),
        ),
        pytest.param(
            breaking.api_that_hangs,
            ["fails its probe", "timed out"],
            marks=pytest.mark.fault(21, "Lambda times out"),
        ),
        pytest.param(
            breaking.api_that_answers_too_much,
            ["fails its probe"],
            marks=pytest.mark.fault(21, "Lambda answers more than a load balancer takes"),
        ),
    ],
)
def test_a_broken_api_gets_no_traffic(site, load, broken, words):
    with broken(site):
        refused(site, [*words, "runs again"])
        assert site.trail()[-1][1] == "rolled back"
    site.finish()
    assert load.failures == []


@pytest.mark.fault(16, "tasks are healthy, and then answer their visitors with 5xx")
def test_tasks_that_are_healthy_and_fail_their_visitors_are_rolled_back(site, load):
    with breaking.fails_visitors_only(site):
        refused(site, ["the new tasks are healthy, but answer", "with 5xx", "runs again"])
        assert site.trail()[-1][1] == "rolled back"
        load.excuse("/", exactly=True)
        assert load.excused
        for _ in range(20):
            assert site.get().status_code == 200
    site.finish()
    assert load.failures == []


@pytest.mark.fault(16, "API is well when probed, then fails its visitors")
def test_an_api_that_fails_under_traffic_loses_it_again(site, load):
    with breaking.api_that_fails_visitors_only(site):
        refused(site, ["invocations", "of the API's traffic", "runs again"])
        assert site.trail()[-1][1] == "rolled back"
        load.excuse("/api")
        for _ in range(20):
            assert site.get("/api/health").status_code == 200
    site.finish()
    assert load.failures == []
