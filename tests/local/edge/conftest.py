"""One rig for the tests of this folder."""

import pytest

from tests.local.edge.rig import rigged


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    with rigged(tmp_path_factory.mktemp("edge")) as made:
        yield made
