"""A program that must come to its own end does so, whatever becomes of us."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.core.paths import ROOT
from pipeline.terraform import process
from tests.support.waiting import until

pytestmark = pytest.mark.slow

WORK = """
import signal, sys, time
from pathlib import Path
interrupts = []
signal.signal(signal.SIGINT, lambda *_: interrupts.append(1))
print("begun", flush=True)
end = time.monotonic() + 0.8
while time.monotonic() < end:
    print("working", flush=True)
    time.sleep(0.05)
Path("ended").write_text(str(len(interrupts)))
"""
US = f"""
import os, sys
from pathlib import Path
from pipeline.terraform import process
show = lambda line: print(line, flush=True)
process.run([sys.executable, "-c", {WORK!r}], Path(sys.argv[1]), os.environ, show)
"""


def text_of(file: Path) -> str:
    return file.read_text() if file.is_file() else ""


@pytest.mark.parametrize(
    ("kill", "interrupts"),
    [(lambda pid: os.kill(pid, signal.SIGKILL), "0"), (lambda pid: os.killpg(pid, signal.SIGINT), "1")],
    ids=["we are killed", "Ctrl-C at the terminal"],
)
def test_it_ends_by_itself_and_is_interrupted_once_at_most(tmp_path: Path, kill, interrupts: str) -> None:
    us = subprocess.Popen(
        [sys.executable, "-c", US, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert us.stdout is not None
    assert us.stdout.readline() == "begun\n"
    kill(us.pid)
    us.wait()
    if interrupts == "1":
        assert text_of(tmp_path / "ended"), "we wait for it"
    assert interrupts == until(lambda: text_of(tmp_path / "ended"))


def test_it_has_a_session_of_its_own(tmp_path: Path) -> None:
    """A signal to our terminal's processes never reaches it: neither Ctrl-C nor a hangup."""
    script = "import os; print(os.getsid(0) == os.getpid())"
    assert process.run([sys.executable, "-c", script], tmp_path, os.environ, print) == (0, "True\n", "")


def test_a_kill_leaves_no_output_behind(tmp_path: Path) -> None:
    """It can hold secret values, and nobody would remove it."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    us = subprocess.Popen(
        [sys.executable, "-c", US, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert us.stdout is not None
    assert us.stdout.readline() == "begun\n"
    us.kill()
    us.wait()
    assert until(lambda: text_of(tmp_path / "ended")) == "0"
    assert list(temporary.iterdir()) == []


def test_lines_come_as_they_are_printed(tmp_path: Path) -> None:
    lines: list[str] = []
    script = "import sys; print('one'); print('two', end=''); sys.stderr.write('bad'); sys.exit(3)"
    result = process.run([sys.executable, "-c", script], tmp_path, os.environ, lines.append)
    assert result == (3, "one\ntwo", "bad")
    assert lines == ["one\n", "two"]
