"""The API moves from its function to tasks and back, broken at every step: somebody serves all the while."""

import pytest

from pipeline.core import fault_points
from tests.faults.site import ended, start
from tests.faults.striking import boundaries, broken_at, interrupts

pytestmark = [pytest.mark.faults, pytest.mark.stack]

TASKS = 'api_runtime = "fargate"\n'
FUNCTION = ""
STEPS = fault_points.PLATFORM + fault_points.SWITCH


@pytest.fixture
def asked(site):
    """Say where the API is to run; on its function again in the end."""
    file = site.local.project.root / "terraform" / "envs" / "local.tfvars"
    file.parent.mkdir(parents=True, exist_ok=True)
    yield file.write_text
    file.write_text(FUNCTION)
    done = site.release(verb="apply")
    file.unlink()
    assert done.returncode == 0, done.stderr


def assert_moved(site, *, to_tasks):
    """All answers are from there, and there is nothing left to do."""
    versions = {site.get("/api/health").json()["version"] for _ in range(30)}
    assert {version == "unknown" for version in versions} == {to_tasks}, versions
    planned = site.local.tandem("plan", "--env", "local", check=False)
    assert planned.returncode == 0, planned.stdout


@pytest.mark.fault(4, "kill -9 before and after each step of moving the API to tasks")
def test_a_switch_killed_at_every_step_goes_on_from_there(site, load, asked):
    asked(TASKS)
    for boundary in boundaries(STEPS):
        broken_at(site, boundary, verb="apply")
        assert load.failures == [], boundary
    site.local.tandem("apply", "--env", "local")
    assert_moved(site, to_tasks=True)
    assert load.failures == []


@pytest.mark.fault(
    8, "two applies at once move the API to tasks; SIGINT or SIGTERM at each step of the way back"
)
def test_two_switches_at_once_and_one_that_is_interrupted(site, load, asked):
    asked(TASKS)
    for code, _, said in [ended(each) for each in [start(site, "apply", "--env", "local") for _ in range(2)]]:
        assert code == 0, said
    assert_moved(site, to_tasks=True)
    asked(FUNCTION)
    for boundary, kind in interrupts(STEPS):
        broken_at(site, boundary, kind, verb="apply")
        assert load.failures == [], boundary
    site.local.tandem("apply", "--env", "local")
    assert_moved(site, to_tasks=False)
    assert load.failures == []
