"""The server's lock tells a running process from an ended one."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from pipeline.local.server_lock import ProcessLock

_HOLD = """
import sys, time
from pathlib import Path
from pipeline.local.server_lock import ProcessLock
lock = ProcessLock(Path(sys.argv[1]))
with lock.held() as held:
    if held:
        lock.announce(7)
        print("held", flush=True)
        time.sleep(60)
"""


@pytest.fixture
def lock(tmp_path):
    return ProcessLock(tmp_path / "folder" / "serve.lock")


@pytest.fixture
def holder(lock):
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(lock.file)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_nobody_holds_a_lock_that_was_never_taken(lock):
    assert lock.holder() is None
    assert not lock.end()


@pytest.mark.slow
def test_holder_is_who_announced_itself(lock, holder):
    served = lock.holder()
    assert (served.pid, served.port) == (holder.pid, 7)


@pytest.mark.slow
@pytest.mark.usefixtures("holder")
def test_second_process_does_not_get_the_lock(lock):
    with lock.held() as held:
        assert not held


@pytest.mark.slow
def test_killed_holder_leaves_no_claim_behind(lock, holder):
    holder.kill()
    holder.wait()
    assert json.loads(lock.file.read_text())["pid"] == holder.pid
    assert lock.holder() is None


def test_reused_process_id_is_not_ended(lock):
    """The file names a running process that does not hold the lock."""
    lock.file.parent.mkdir()
    lock.file.write_text(json.dumps({"pid": os.getpid(), "port": 1}))
    assert not lock.end()


@pytest.mark.slow
def test_end_ends_the_holder(lock, holder):
    assert lock.end()
    assert holder.wait(timeout=5) == -signal.SIGTERM


@pytest.mark.slow
def test_asking_does_not_keep_a_starter_out(lock):
    """`is_held` holds the lock for a moment."""
    lock.file.parent.mkdir()
    lock.file.touch()
    context = multiprocessing.get_context("fork")
    asking = context.Process(target=_ask, args=(lock,))
    asking.start()
    for _ in range(20):
        with lock.held() as held:
            assert held
        time.sleep(0.001)
    asking.kill()
    asking.join()


def _ask(lock):
    while True:
        lock.is_held()
