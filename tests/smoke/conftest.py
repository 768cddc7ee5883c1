"""Find what runs: the containers by label on the Docker Engine, the site at the edge."""

import os

import docker
import httpx
import pytest
import testinfra

STACK = os.environ.get("TANDEM_STACK", "")
URL = os.environ.get("TANDEM_URL", "")


def pytest_collection_modifyitems(items):
    # What there is to look at is named by `tandem check`; without it there is nothing to check.
    if not URL:
        items[:] = [item for item in items if "tests/smoke" not in item.nodeid]
    elif not STACK:
        items[:] = [item for item in items if not {"app", "host", "static"} & set(item.fixturenames)]


def _containers(name):
    labels = [f"io.tandem.stack={STACK}", "io.tandem.role=task", f"io.tandem.container={name}"]
    return docker.from_env().containers.list(all=True, filters={"label": labels})


def pytest_generate_tests(metafunc):
    """Every check runs on every container of its kind."""
    for kind in ("app", "static"):
        if kind in metafunc.fixturenames:
            found = _containers(kind) if STACK else []
            metafunc.parametrize(kind, found, ids=[c.name for c in found])


@pytest.fixture
def host(app):
    """The app container, through testinfra."""
    return testinfra.get_host(f"docker://{app.id}")


@pytest.fixture(scope="session")
def site():
    with httpx.Client(base_url=URL, timeout=10, follow_redirects=False) as client:
        yield client
