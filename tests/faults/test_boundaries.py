"""A release that is killed or interrupted between any two of its steps harms nobody, and can be finished."""

import signal

import pytest

from pipeline import faults
from tests.faults.breaking import crash_at_start

pytestmark = [pytest.mark.faults, pytest.mark.stack]

CHANGED = {
    "build static": "static",
    "build api": "api",
    "push api": "api",
    "probe": "api",
    "canary": "api",
    "all traffic": "api",
}
"""The source that must have changed for a release to come by the step; app for all others."""

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


@pytest.mark.fault(1, "kill -9 before and after: {step}")
@pytest.mark.parametrize("step", faults.FORWARD)
def test_a_killed_release_is_finished_by_the_next_run(site, load, step):
    site.change(CHANGED.get(step, "app"))
    for side in faults.SIDES:
        broken_at(site, f"{step}:{side}")
    site.finish()
    assert load.failures == []


@pytest.mark.fault(6, "kill -9 before and after: {step}")
@pytest.mark.parametrize("step", faults.BACK)
def test_a_release_killed_while_it_goes_back_is_finished_by_the_next_run(site, load, step):
    with crash_at_start(site):
        for side in faults.SIDES:
            broken_at(site, f"{step}:{side}")
    site.finish()
    assert load.failures == []


@pytest.mark.fault(7, "SIG{kind} {boundary}")
@pytest.mark.parametrize("kind", ["INT", "TERM"])
@pytest.mark.parametrize(
    "boundary", ["build app:before", "number:after", "apply:before", "watch:before", "succeed:before"]
)
def test_an_interrupted_release_says_how_to_go_on(site, load, kind, boundary):
    site.change("app")
    done = broken_at(site, boundary, kind)
    assert "interrupted; run the same command again to finish" in done.stderr
    site.finish()
    assert load.failures == []
