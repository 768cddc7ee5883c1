"""The fixtures of `tandem check` and its list of results; loaded as a pytest plugin by `smoke_test.py`.

`TANDEM_CHECK` names a JSON file: `url`, `stack` (empty if containers are out of reach), the task definition's
`containers`, `content_path`, `health_path`, `api_path` (null without an API), `is_tandems` (whether Tandem's
Dockerfile builds the app) and `results`, the file that the results are written to.
"""

import json
import os
import re
from pathlib import Path

import docker
import httpx
import pytest
import testinfra

FACTS = json.loads(Path(os.environ["TANDEM_CHECK"]).read_text())
DEFINITIONS = {container["name"]: container for container in FACTS["containers"]}
CONTAINERS = {"app": "app", "app_container": "app", "static": "static"}
"""The container that each fixture is about."""
RESULTS = []


def pytest_collection_modifyitems(items):
    """Leave out what there is nothing to look at for."""
    items[:] = [item for item in items if _is_there(set(item.fixturenames))]


def _is_there(fixtures):
    names = {CONTAINERS[name] for name in fixtures & set(CONTAINERS)}
    if "every_container" in fixtures or names:
        return bool(FACTS["stack"]) and names <= set(DEFINITIONS)
    return "api_path" not in fixtures or bool(FACTS["api_path"])


def containers_of(name):
    labels = [f"io.tandem.stack={FACTS['stack']}", "io.tandem.role=task", f"io.tandem.container={name}"]
    return docker.from_env().containers.list(all=True, ignore_removed=True, filters={"label": labels})


def pytest_generate_tests(metafunc):
    """Every check runs on every container of its kind."""
    for fixture, name in CONTAINERS.items():
        if fixture in metafunc.fixturenames and name in DEFINITIONS:
            containers = containers_of(name) if FACTS["stack"] else []
            metafunc.parametrize(
                fixture, containers, ids=[each.name for each in containers], indirect=fixture == "app"
            )


@pytest.fixture
def app(request):
    """A running app container as testinfra's host."""
    host = testinfra.get_host(f"docker://{request.param.id}")
    if host.run("true").rc:
        pytest.skip("the image has no shell")
    return host


@pytest.fixture(scope="session")
def every_container():
    """The containers that run or ran, by their name in the task definition."""
    return {name: containers_of(name) for name in DEFINITIONS}


@pytest.fixture(scope="session")
def definition():
    """The app's container definition."""
    return DEFINITIONS["app"]


@pytest.fixture(scope="session")
def site():
    """An HTTP client of the site."""
    with httpx.Client(base_url=FACTS["url"], timeout=30, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="session")
def content_path():
    return FACTS["content_path"]


@pytest.fixture(scope="session")
def health_path():
    return FACTS["health_path"]


@pytest.fixture(scope="session")
def api_path():
    return FACTS["api_path"]


@pytest.fixture(scope="session")
def tandems_dockerfile():
    """Skips a check of what only Tandem's own Dockerfile promises."""
    if not FACTS["is_tandems"]:
        pytest.skip("the app has its own Dockerfile")


def pytest_runtest_logreport(report):
    if report.when == "call" or not report.passed:
        RESULTS.append({"name": _name(report.nodeid), "outcome": report.outcome, "reason": _reason(report)})


def pytest_collectreport(report):
    if report.failed:
        reason = report.longreprtext
        RESULTS.append({"name": f"{report.nodeid} can be read", "outcome": "failed", "reason": reason})


def pytest_sessionfinish():
    Path(FACTS["results"]).write_text(json.dumps(RESULTS))


def _name(nodeid):
    """`…::test_the_page_is_served[one]` as "the page is served (one)"."""
    name, _, case = nodeid.rpartition("::")[2].partition("[")
    return name.removeprefix("test_").replace("_", " ") + (f" ({case.removesuffix(']')})" if case else "")


def _reason(report):
    if report.skipped:
        return re.sub("^Skipped: ", "", report.longrepr[2])
    return report.longreprtext if report.failed else ""
