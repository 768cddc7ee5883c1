import pytest

from tests.registry import server


@pytest.fixture(scope="session")
def host(tmp_path_factory):
    """A real registry on loopback."""
    with server.running(tmp_path_factory.mktemp("registry")) as address:
        yield address
