import pytest

from tests.registry import memory, server
from tests.support.effort import is_unit_suite


@pytest.fixture(scope="session")
def host(tmp_path_factory):
    """Debian's registry on loopback; one in memory, which costs half, while only the unit suite runs."""
    if is_unit_suite():
        with memory.running() as registry:
            yield registry.host
    else:
        with server.running(tmp_path_factory.mktemp("registry")) as address:
            yield address


@pytest.fixture
def registry():
    """A registry in memory of the test's own."""
    with memory.running() as server:
        yield server
