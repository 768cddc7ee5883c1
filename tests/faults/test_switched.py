"""The API moves from its function to tasks and back, broken at every step, and serves all the time."""

import pytest

from pipeline.core import fault_points
from tests.faults.fault_runs import boundaries, interrupts, run_into
from tests.faults.site import ended, start

pytestmark = [pytest.mark.faults, pytest.mark.stack]

TASKS = 'api_runtime = "fargate"\n'
FUNCTION = ""
STEPS = fault_points.PLATFORM + fault_points.SWITCH


@pytest.fixture
def api_values(site):
    """A function that writes the API's values for the next apply; at the end its function serves again."""
    file = site.local.project.root / "terraform" / "envs" / "local.tfvars"
    file.parent.mkdir(parents=True, exist_ok=True)
    yield file.write_text
    file.write_text(FUNCTION)
    done = site.release(verb="apply")
    file.unlink()
    assert done.returncode == 0, done.stderr


def assert_moved(site, *, to_tasks):
    """All responses come from there, and Terraform has nothing to change."""
    versions = {site.get("/api/health").json()["version"] for _ in range(30)}
    assert {version == "unknown" for version in versions} == {to_tasks}, versions
    planned = site.local.tandem("plan", "--env", "local", check=False)
    assert planned.returncode == 0, planned.stdout


@pytest.mark.fault(4, "kill -9 before and after each step of moving the API to tasks")
def test_a_switch_killed_at_every_step_goes_on_from_there(site, load, api_values):
    api_values(TASKS)
    for boundary in boundaries(STEPS):
        run_into(site, boundary, verb="apply")
        assert load.failures == [], boundary
    site.local.tandem("apply", "--env", "local")
    assert_moved(site, to_tasks=True)
    assert load.failures == []


@pytest.mark.fault(
    8, "two applies at once move the API to tasks; SIGINT or SIGTERM at each step of the way back"
)
def test_two_switches_at_once_and_one_that_is_interrupted(site, load, api_values):
    api_values(TASKS)
    for process in [start(site, "apply", "--env", "local") for _ in range(2)]:
        code, _, errors = ended(process)
        assert code == 0, errors
    assert_moved(site, to_tasks=True)
    api_values(FUNCTION)
    for boundary, kind in interrupts(STEPS):
        run_into(site, boundary, kind, verb="apply")
        assert load.failures == [], boundary
    site.local.tandem("apply", "--env", "local")
    assert_moved(site, to_tasks=False)
    assert load.failures == []
