"""The API moves from its function to tasks and back under load; tasks that crash never serve."""

import json

import httpx
import pytest

from pipeline.git.command import run_git
from tests.faults.load import Load

pytestmark = [pytest.mark.stack, pytest.mark.applied]


@pytest.fixture(scope="module")
def runs_on(local):
    """A function that applies values to the local platform; at the end the API runs on its function again."""
    file = local.project.root / "terraform" / "envs" / "local.tfvars"
    file.parent.mkdir(parents=True)

    def apply(values):
        file.write_text(values)
        local.tandem("apply", "--env", "local")

    yield apply
    apply("")


@pytest.fixture
def load(local):
    """Visitors, none of whose requests may fail."""
    with Load(local.url) as load:
        yield load
    assert load.failures == []
    assert load.served["api"] > 100


def versions(local, times=60):
    """The versions that answer: `unknown` is a task, a number is the function's version."""
    return {httpx.get(f"{local.url}/api/health").json()["version"] for _ in range(times)}


def services(local):
    return set(json.loads(local.tandem("status", "--json").stdout)["services"])


def assert_nothing_to_change(local):
    done = local.tandem("plan", "--env", "local", check=False)
    assert done.returncode == 0, done.stdout
    assert "everything that the release names exists" in local.tandem("verify", "--env", "local").stdout


@pytest.mark.usefixtures("load")
def test_the_api_moves_to_tasks(local, runs_on):
    runs_on('api_runtime = "fargate"\n')
    assert versions(local) == {"unknown"}
    assert services(local) == {"tandem-local", "tandem-local-api"}
    assert "service  tandem-local-api: 2 of 2 tasks run" in local.tandem("status").stdout
    assert "passed" in local.tandem("check").stderr
    assert_nothing_to_change(local)


def test_the_estimate_counts_the_apis_tasks(local):
    estimate = json.loads(local.tandem("cost", "--env", "local", "--json").stdout)
    dollars = {line["what"]: line["dollars"] for line in estimate["lines"]}
    assert dollars["Fargate: tandem-local-api"] == pytest.approx(20.72, abs=0.01)
    assert not any(what.startswith("Lambda") for what in dollars)
    # The tasks have public addresses here.
    assert estimate["api"]["fargate"] == pytest.approx(20.72 + 7.30, abs=0.01)
    assert 17 < estimate["api"]["breakeven"] < 18


@pytest.mark.usefixtures("load")
def test_tasks_that_crash_are_rolled_back_and_their_last_lines_are_shown(local, tmp_path):
    clone = local.clone("api", tmp_path / "api")
    web = (clone / "catalogue/web.py").read_text()
    hand_over(local, clone, 'raise SystemExit("no database")\n')
    done = local.tandem("release", "--env", "local", check=False)
    hand_over(local, clone, web)  # the tests that follow need an API that works
    assert done.returncode == 1
    assert "container api exited with code 1" in done.stderr
    assert "no database" in done.stderr
    assert "runs again" in done.stderr
    assert versions(local, 5) == {"unknown"}
    local.tandem("release", "--env", "local")


def hand_over(local, clone, text):
    """Commit to the API's repository without running its hook."""
    local.commit(clone, "catalogue/web.py", text)
    run_git("-C", str(local.repository("api")), "fetch", "--quiet", str(clone), "+HEAD:refs/heads/main")


@pytest.mark.usefixtures("load")
def test_function_and_tasks_share_the_traffic(local, runs_on):
    runs_on("api_split = { lambda = 50, fargate = 50 }\n")
    seen = versions(local)
    assert "unknown" in seen
    assert any(version.isdigit() for version in seen)
    assert_nothing_to_change(local)


@pytest.mark.usefixtures("load")
def test_large_answers_come_from_tasks_and_the_rest_from_the_function(local, runs_on):
    large = f"{local.url}/api/echo/bytes/2000000"
    runs_on('api_split = { lambda = 999, fargate = 1 }\napi_large_paths = ["/api/echo/bytes/*"]\n')
    assert [len(httpx.get(large).content) for _ in range(10)] == [2_000_000] * 10
    assert sum(httpx.get(f"{local.url}/api/health").json()["version"].isdigit() for _ in range(20)) >= 15
    assert_nothing_to_change(local)


@pytest.mark.usefixtures("load")
def test_the_api_moves_back_to_its_function(local, runs_on):
    runs_on("")
    assert all(version.isdigit() for version in versions(local))
    assert services(local) == {"tandem-local"}
    assert_nothing_to_change(local)
