"""A program that must come to its own end does so, whatever becomes of us."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.core.paths import ROOT
from pipeline.terraform import process as outliving

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
from pipeline.terraform import process as outliving
said = lambda line: print(line, flush=True)
outliving.run([sys.executable, "-c", {WORK!r}], Path(sys.argv[1]), os.environ, said)
"""


def until(file: Path) -> str:
    end = time.monotonic() + 10
    while not file.is_file() or not file.read_text():
        assert time.monotonic() < end
        time.sleep(0.02)
    return file.read_text()


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
    assert interrupts == until(tmp_path / "ended")


def test_lines_come_as_they_are_printed(tmp_path: Path) -> None:
    lines: list[str] = []
    script = "import sys; print('one'); print('two', end=''); sys.stderr.write('bad'); sys.exit(3)"
    found = outliving.run([sys.executable, "-c", script], tmp_path, os.environ, lines.append)
    assert found == (3, "one\ntwo", "bad")
    assert lines == ["one\n", "two"]
