"""Processes that write build records at once, or are killed at it, lose nothing."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.records.build_records import Records
from tests.records.example_record import RECORD

pytestmark = pytest.mark.slow  # each writer is a process


@pytest.fixture
def path(tmp_path):
    return tmp_path / "records.sqlite"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("pipeline.records.build_records._BUSY_SECONDS", 0.05)


def locked(path):
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("begin exclusive")
    return holder


def beside(path):
    return sorted(file.name for file in path.parent.iterdir() if file != path)


WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from tests.records.example_record import RECORD
from pipeline.records import build_records
build_records._BUSY_SECONDS = float(sys.argv[3])
print("ready", flush=True)
for number in range(int(sys.argv[4])):
    build_records.Records(Path(sys.argv[1])).add(replace(RECORD, run=f"{sys.argv[2]}-{number}"))
"""


ROOT = Path(__file__).parents[2]


def writer(path, name, busy, count):
    command = [sys.executable, "-c", WRITER, path, name, str(busy), str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdout.readline()
    return process


def test_writers_at_once_lose_nothing(path):
    """Each finds the database locked now and then, so that some records wait and both store what waits."""
    processes = [writer(path, name, 0.001, 40) for name in "abc"]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    runs = [record.run for record in Records(path).all()]
    assert sorted(runs) == sorted(f"{name}-{number}" for name in "abc" for number in range(40))
    assert beside(path) == []


@pytest.mark.parametrize("is_locked", [False, True])
def test_a_killed_writer_leaves_whole_records(path, is_locked):
    Records(path).add(RECORD)
    for after in (0.0, 0.01, 0.05):
        holder = locked(path) if is_locked else None
        process = writer(path, f"k{after}", 0.001, 100_000)
        time.sleep(after)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        if holder:
            holder.close()
        records = Records(path)
        records.add(replace(RECORD, run=f"after {after}"))
        runs = [record.run for record in records.all()]
        assert f"after {after}" in runs
        numbers = sorted(int(run.rpartition("-")[2]) for run in runs if run.startswith(f"k{after}-"))
        assert numbers == list(range(len(numbers))), "none is missing before the one that was cut off"
    assert not path.with_name("records.sqlite.bad").exists()
