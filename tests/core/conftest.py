"""AWS in this process, and settings of a text, for the tests of this room."""

import pytest

from pipeline.core.settings import load
from tests.core.settings_sources import SOURCES
from tests.support.local_aws import mocked_aws, release, stage  # noqa: F401 - fixtures


@pytest.fixture
def read(tmp_path):
    def _read(text, sources=SOURCES):
        (tmp_path / "tandem.toml").write_text(text + sources)
        return load(tmp_path).settings

    return _read
