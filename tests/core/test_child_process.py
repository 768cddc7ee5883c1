"""A command ends, whatever it does: with all that it started."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.core.child_process import ChildOutputError, ChildTimeoutError, Limits, run_child
from pipeline.core.interrupts import interruptible
from tests.support.waiting import until

pytestmark = pytest.mark.slow

MINUTE = Limits(60)


def run(script, limits=MINUTE, stdin=b""):
    return run_child(["sh", "-c", script], env=os.environ, limits=limits, stdin=stdin)


def lives(file):
    pid = int(file.read_text())
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_output_input_and_exit_code_are_the_commands():
    done = run("cat; echo bad >&2; exit 3", stdin=b"x" * 1_000_000)
    assert (done.stdout, done.stderr, done.returncode) == (b"x" * 1_000_000, b"bad\n", 3)


@pytest.mark.parametrize(
    ("limits", "script", "message"),
    [
        (Limits(0.5), "sleep 60", "not finished within 0.5 s"),
        (Limits(0.5), "while :; do echo x; sleep 0.05; done", "not finished within 0.5 s"),
        (Limits(60, silence=0.5), "echo x; sleep 60", "no answer within 0.5 s"),
        (Limits(0.5), "exec >&- 2>&-; sleep 60", "not finished within 0.5 s"),
        (Limits(0.5), "trap '' TERM; sleep 60; sleep 60", "not finished within 0.5 s"),
    ],
)
def test_limit_ends_the_command(limits, script, message):
    began = time.monotonic()
    with pytest.raises(ChildTimeoutError, match=message):
        run(script, limits)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("script", ["yes", "yes >&2", "yes & yes >&2", "printf 1234567890x"])
def test_output_has_a_limit(script):
    with pytest.raises(ChildOutputError, match="more than 10 bytes"):
        run(script, Limits(60, output=10))
    assert run("printf 12345; printf 67890 >&2", Limits(60, output=10)).stdout == b"12345"


def test_command_that_goes_on_talking_is_not_silent():
    assert run("for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done", Limits(60, silence=0.6)).returncode == 0


def test_what_the_command_started_ends_with_it(tmp_path):
    pid = tmp_path / "pid"
    with pytest.raises(ChildTimeoutError):
        run(f"sleep 60 & echo $! > {pid}; wait", Limits(2))
    # The kernel ends it soon after the signal: on a busy machine, not at once.
    until(lambda: not lives(pid), 10)


def test_what_a_command_left_behind_holds_nobody_up():
    """As ssh's shared connection, which keeps the pipes."""
    began = time.monotonic()
    assert run("sleep 20 & echo done").stdout == b"done\n"
    assert time.monotonic() - began < 2


def test_interrupt_ends_commands_of_all_threads(tmp_path):
    pids = [tmp_path / name for name in "abc"]
    threading.Timer(0.7, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), ThreadPoolExecutor(3) as pool, interruptible():
        list(pool.map(lambda pid: run(f"echo $$ > {pid}; sleep 60 & wait"), pids))
    assert time.monotonic() - began < 2.7
    assert not any(map(lives, pids))


def test_other_errors_leave_commands_alone():
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, "sleep 0.5; echo done")
        with pytest.raises(ValueError, match="x"), interruptible():
            raise ValueError("x")
        assert running.result().stdout == b"done\n"
