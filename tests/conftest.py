"""Tests that need Docker get one: started, or installed on Debian as root, as `make up` does."""

import pytest

from pipeline.local import dockerd

_NEED_DOCKER = ("docker", "stack", "faults")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    if any(item.get_closest_marker(name) for name in _NEED_DOCKER):
        # Before each: a stack's `down` stops a Docker Engine that was started here and has no container left.
        dockerd.ensure()
