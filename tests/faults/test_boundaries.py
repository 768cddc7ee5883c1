"""A release that is killed or interrupted at any step fails no request, and can be finished."""

import pytest

from pipeline.core import fault_points
from pipeline.deploy import rollback
from tests.faults.breaking import crash_at_start
from tests.faults.fault_runs import boundaries, interrupts, run_into

pytestmark = [pytest.mark.faults, pytest.mark.stack]

OF_API = ("build api", "push api", "probe", "warm", "canary", "all traffic")
"""The steps of a release in which only a changed API takes part."""

CHAINS = {
    "app": tuple(step for step in fault_points.FORWARD if step not in {*OF_API, "build static"}),
    "static": ("build static",),
    "api": OF_API,
}
"""Each step of a release once, by the source that must have changed for it."""

ROLLBACK = ("build static", "number", "started", "apply", "watch", "succeed")
"""The steps of `tandem rollback` if the app had changed."""


def test_every_step_is_in_a_chain():
    assert sorted(step for chain in CHAINS.values() for step in chain) == sorted(fault_points.FORWARD)


@pytest.mark.fault(1, "kill -9 before and after each step, one release: {source} changed")
@pytest.mark.parametrize("source", CHAINS)
def test_a_release_killed_at_every_step_goes_on_from_there(site, load, source):
    """Each run continues where the one before was killed, and reaches the next boundary."""
    site.change(source)
    for boundary in boundaries(CHAINS[source]):
        run_into(site, boundary)
        assert load.failures == [], boundary
    site.finish()
    assert load.failures == []


@pytest.mark.fault(6, "kill -9 before and after each step of going back")
def test_a_release_killed_while_it_goes_back_is_finished_by_the_next_run(site, load):
    with crash_at_start(site):
        for boundary in boundaries(fault_points.BACK):
            run_into(site, boundary)
    site.finish()
    assert load.failures == []


@pytest.mark.fault(6, "kill -9 before and after each step of a rollback")
def test_a_rollback_killed_at_every_step_is_finished_by_the_same_command(site, load):
    site.change("app")
    site.finish()
    target = rollback.choose_target(site.store)
    for boundary in boundaries(ROLLBACK):
        run_into(site, boundary, verb="rollback")
        assert load.failures == [], boundary
    done, numbers = site.current, site.local.numbers()
    assert site.store.get(done).images["app"] == target.images["app"]
    assert site.store.interrupted() is None
    assert "runs already" in site.release(verb="rollback").stderr
    assert (site.current, site.local.numbers()) == (done, numbers)
    site.finish()
    assert load.failures == []


@pytest.mark.fault(7, "SIGINT or SIGTERM before and after each step, one release: {source} changed")
@pytest.mark.parametrize("source", CHAINS)
def test_an_interrupted_release_says_how_to_go_on(site, load, source):
    site.change(source)
    for boundary, kind in interrupts(CHAINS[source]):
        if boundary.startswith(("build ", "push ")):
            site.change(source)  # an interrupted command finishes the build that runs
        run_into(site, boundary, kind)
        assert load.failures == [], boundary
    site.finish()
    assert load.failures == []


@pytest.mark.fault(7, "SIGINT or SIGTERM before and after each step of going back")
def test_a_release_interrupted_while_it_goes_back_is_finished_by_the_next_run(site, load):
    with crash_at_start(site):
        for boundary, kind in interrupts(fault_points.BACK):
            run_into(site, boundary, kind)
    site.finish()
    assert load.failures == []
