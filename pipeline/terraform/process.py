"""Run a program that finishes its work even if this process is killed.

Its output goes to files: with a pipe it would get SIGPIPE once this process is gone. It runs in its own
session: otherwise Ctrl-C would reach it twice, from the terminal and from this process, and Terraform exits
at the second interrupt without saving its state.
"""

import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from pipeline.core import console

_POLL = 0.05  # seconds


def run(
    argv: Sequence[str], folder: Path, env: Mapping[str, str], on_line: Callable[[str], None]
) -> tuple[int, str, str]:
    """Run `argv` in `folder`; returns exit code, stdout and stderr.

    `on_line` gets each line of stdout as soon as it is written.

    Raises:
        FileNotFoundError: there is no such program.
    """
    with tempfile.TemporaryDirectory(prefix="tandem-") as name:
        out, err = Path(name) / "out", Path(name) / "err"
        with out.open("wb") as output, err.open("wb") as errors:
            process = subprocess.Popen(
                argv,
                cwd=folder,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )
        with _interrupt_once(process):
            for line in _lines(out, process):
                on_line(line)
        return process.returncode, _read(out), _read(err)


def _lines(file: Path, process: "subprocess.Popen[bytes]") -> Iterator[str]:
    """The file's lines as the process writes them, until it has ended."""
    unfinished = ""
    with file.open(encoding="utf-8", errors="replace") as output:
        while True:
            has_ended = process.poll() is not None
            unfinished += output.read()
            *lines, unfinished = unfinished.split("\n")
            yield from (f"{line}\n" for line in lines)
            if has_ended:
                break
            time.sleep(_POLL)
    if unfinished:
        yield unfinished


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


@contextmanager
def _interrupt_once(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """If the block is interrupted, interrupt Terraform once and wait until it has saved its state."""
    try:
        yield
    except BaseException:
        if process.poll() is None:
            console.info("waiting for Terraform to save its state; do not interrupt again", style="yellow")
            process.send_signal(signal.SIGINT)
            process.wait()
        raise
