"""The unit suite fails a test that starts what costs more than most tests, unless it says so."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core.paths import ROOT

pytestmark = pytest.mark.slow

TESTS = """
import socket, subprocess, threading, pytest

def run(): subprocess.run(["true"], check=True)

def listen(): socket.socket().bind(("127.0.0.1", 0))

@pytest.fixture
def started(): run()

@pytest.mark.parametrize("do", [run, listen])
def test_it_starts(do): do()

def test_a_thread_starts():
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

def test_a_fixture_starts(started): pass

def test_nothing_starts(): pass

@pytest.mark.starts
def test_it_may_start(started): pass

@pytest.mark.slow
def test_a_slow_one_may_start(started): pass
"""


def refused(folder: Path, marks: str) -> dict[str, str]:
    """What the tests start that are not allowed to, in a suite that `marks` select."""
    file = folder / "test_starts.py"
    file.write_text(TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-m", marks]
    process = subprocess.run(
        [*command, "-c", ROOT / "pyproject.toml", file],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "1000"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode in (0, 1), process.stdout + process.stderr
    return dict(
        re.findall(r"^ERROR .*::(.*) - Failed: starts (.*): mark it `slow`$", process.stdout, re.MULTILINE)
    )


def test_what_starts_a_process_or_a_server_is_told_to_be_slow(tmp_path: Path) -> None:
    assert refused(tmp_path, "not docker") == {
        "test_it_starts[run]": "a process",
        "test_it_starts[listen]": "a server",
        "test_a_thread_starts": "a process",
        "test_a_fixture_starts": "a process",
    }


def test_other_suites_start_what_they_need(tmp_path: Path) -> None:
    assert refused(tmp_path, "not faults") == {}
