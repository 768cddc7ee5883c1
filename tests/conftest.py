"""Start Docker for the tests that need it; keep the unit suite small: what it stores, draws and starts."""

import gc
import signal
import tempfile

import pytest

from pipeline.core.interrupts import interruptible
from pipeline.local import dockerd
from tests.support.browser import chromium  # noqa: F401 - a fixture
from tests.support.effort import choose_unit_suite, is_unit_suite, register_profiles
from tests.support.folders import memory
from tests.support.service_models import share_service_models
from tests.support.started import PROCESS, SERVER, watch_starts

_NEED_DOCKER = ("docker", "stack", "faults")
_REFUSED_WARNINGS = (
    "error",
    # Libraries deprecate what they call themselves; a resource's warning names the test that runs by then.
    *("default::DeprecationWarning", "default::PendingDeprecationWarning", "ignore::ResourceWarning"),
)
"""What the unit suite does with warnings: a new one fails its test."""
_MAY_START = ("starts", "slow", "terraform", "browser", "faults")
_STARTED = pytest.StashKey[set[str]]()


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
        # moto and botocore's models are millions of objects, and garbage is a few hundred MB: looking for it,
        # again and again, takes a sixth of the rest.
        gc.disable()


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """In the unit suite, fail a test that starts a process or a server: hundreds of them cost a minute."""
    if not is_unit_suite() or any(map(item.get_closest_marker, _MAY_START)):
        return (yield)
    with watch_starts() as item.stash[_STARTED]:
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item):
    if started := item.stash.get(_STARTED, set()) & {PROCESS, SERVER}:
        pytest.fail(f"starts {' and '.join(sorted(started))}: mark it `slow`")


def pytest_sessionfinish():
    """pytest looks for garbage ten times at its end."""
    gc.freeze()
