"""A stack that does not run."""

import shutil

import pytest

from pipeline.core.paths import ROOT
from pipeline.core.settings import load
from pipeline.local.stack import Stack


@pytest.fixture
def stack(tmp_path):
    shutil.copy(ROOT / "tandem.toml", tmp_path)
    return Stack.of(load(tmp_path))
