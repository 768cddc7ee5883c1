"""A server process that does not come up is started again, or its end is told."""

import os
import signal
import sys

import pytest

from pipeline.core.errors import TandemError
from pipeline.local import server_start
from pipeline.local.server_lock import ProcessLock

pytestmark = pytest.mark.slow

_SERVE = """
from pathlib import Path
from pipeline.local.server_lock import ProcessLock
import sys, time
with ProcessLock(Path(sys.argv[1])).held() as held:
    ProcessLock(Path(sys.argv[1])).announce(7)
    time.sleep(60)
"""
_YIELD_FIRST = """
from pathlib import Path
import sys
first = Path(sys.argv[1] + ".first")
if not first.exists():
    first.touch()
    sys.exit(0)
"""


@pytest.fixture
def start(tmp_path):
    lock, log = ProcessLock(tmp_path / "serve.lock"), tmp_path / "serve.log"
    yield lambda code: server_start.start_server([sys.executable, "-c", code, str(lock.file)], lock, log)
    if holder := lock.holder():
        os.kill(holder.pid, signal.SIGKILL)


def test_process_that_gave_way_to_one_that_ended_is_started_again(start):
    assert start(_YIELD_FIRST + _SERVE).port == 7


def test_end_of_a_failing_process_is_told(start):
    with pytest.raises(TandemError, match="did not start: the disk is full") as error:
        start("import sys; sys.exit('the disk is full')")
    assert error.value.hint.endswith("serve.log")


def test_process_that_always_gives_way_is_given_up(start):
    with pytest.raises(TandemError, match="its log is empty"):
        start("")


def test_process_that_hangs_is_named(start, monkeypatch):
    monkeypatch.setattr(server_start, "START_SECONDS", 0.5)
    with pytest.raises(TandemError, match=r"process \d+ was not ready after"):
        start("import time; time.sleep(3)")
