"""A release that is killed or interrupted between any two of its steps harms nobody, and can be finished."""

import signal

import pytest

from pipeline import faults
from tests.faults.breaking import crash_at_start

pytestmark = [pytest.mark.faults, pytest.mark.stack]

OF_API = ("build api", "push api", "probe", "canary", "all traffic")
"""The steps that a release only comes by where the API has changed."""

CHAINS = {
    "app": tuple(step for step in faults.FORWARD if step not in {*OF_API, "build static"}),
    "static": ("build static",),
    "api": OF_API,
}
"""Each step of a release once, with the source that must have changed for it."""

INTERRUPTED = ("build app:before", "number:after", "apply:before", "watch:before", "succeed:before")
STOPPED = {"INT": 130, "TERM": 130, "KILL": -signal.SIGKILL}


def broken_at(site, boundary, kind="KILL"):
    """Run a release into the fault; what was recorded before stays, unless success is recorded."""
    before = site.current
    done = site.release(fault=f"{boundary}:{kind}")
    assert done.returncode == STOPPED[kind], done.stderr
    assert "Traceback" not in done.stderr
    succeeded = [release for release, outcome in site.trail() if outcome == "succeeded"]
    if boundary == "succeed:after":
        assert site.current == succeeded[-1]
    else:
        assert site.current == before == succeeded[-1]
    return done


def test_every_step_is_in_a_chain():
    assert sorted(step for chain in CHAINS.values() for step in chain) == sorted(faults.FORWARD)


@pytest.mark.fault(1, "kill -9 before and after each step, one release: {source} changed")
@pytest.mark.parametrize("source", CHAINS)
def test_a_release_killed_at_every_step_goes_on_from_there(site, load, source):
    """Each run begins where the one before was killed, and comes a boundary further."""
    site.change(source)
    for step in CHAINS[source]:
        for side in faults.SIDES:
            broken_at(site, f"{step}:{side}")
            assert load.failures == [], (step, side)
    site.finish()
    assert load.failures == []


@pytest.mark.fault(6, "kill -9 before and after each step of going back")
def test_a_release_killed_while_it_goes_back_is_finished_by_the_next_run(site, load):
    with crash_at_start(site):
        for step in faults.BACK:
            for side in faults.SIDES:
                broken_at(site, f"{step}:{side}")
    site.finish()
    assert load.failures == []


@pytest.mark.fault(7, "SIG{kind} at five boundaries of one release")
@pytest.mark.parametrize("kind", ["INT", "TERM"])
def test_an_interrupted_release_says_how_to_go_on(site, load, kind):
    site.change("app")
    for boundary in INTERRUPTED:
        done = broken_at(site, boundary, kind)
        assert "interrupted; run the same command again to finish" in done.stderr, boundary
    site.finish()
    assert load.failures == []
