"""Start Docker for the tests that need it; keep the others' files in memory, and what all of them read."""

import gc
import signal
import tempfile

import pytest

from pipeline.core.interrupts import interruptible
from pipeline.local import dockerd
from tests.support.browser import chromium  # noqa: F401 - a fixture
from tests.support.effort import choose_unit_suite, register_profiles
from tests.support.folders import memory
from tests.support.service_models import share_service_models

_NEED_DOCKER = ("docker", "stack", "faults")
_REFUSED_WARNINGS = (
    "error",
    # Libraries deprecate what they call themselves; a resource's warning names the test that runs by then.
    *("default::DeprecationWarning", "default::PendingDeprecationWarning", "ignore::ResourceWarning"),
)
"""What the unit suite does with warnings: a new one fails its test."""


def pytest_configure(config):
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell that starts pytest in the background ignores SIGINT, and so would the commands under test.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    share_service_models()
    register_profiles()
    if "not docker" in config.option.markexpr:
        choose_unit_suite()
        for kind in _REFUSED_WARNINGS:
            config.addinivalue_line("filterwarnings", kind)
        # On a disk, half of the processor time of these tests goes to its file system.
        tempfile.tempdir = memory()
        # moto and botocore's models are millions of objects: looking through them for garbage, again and
        # again, takes a quarter of the rest.
        gc.set_threshold(1_000_000, 50, 100)


@pytest.fixture(autouse=True)
def _not_interrupted():
    """A run that a test interrupted is not this test's."""
    with interruptible():
        pass


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Start Docker, or install it on Debian as root, as `make up` does."""
    if any(item.get_closest_marker(name) for name in _NEED_DOCKER):
        # Before each: a stack's `down` stops a Docker Engine that was started here and has no container left.
        dockerd.ensure()
