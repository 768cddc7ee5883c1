"""Tests that need Docker get one: started, or installed on Debian as root, as `make up` does."""

from functools import cache

import pytest

from pipeline.local import docker_engine

_NEED_DOCKER = ("docker", "stack", "faults")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    if any(item.get_closest_marker(name) for name in _NEED_DOCKER):
        _ensured()


@cache
def _ensured():
    docker_engine.ensure()
