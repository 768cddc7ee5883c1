"""Run a program that finishes its work even if this process is killed.

Its output goes to files: with a pipe it would get SIGPIPE once this process is gone. The files have no name,
so a kill leaves none behind. It runs in its own
session: otherwise Ctrl-C would reach it twice, from the terminal and from this process, and Terraform exits
at the second interrupt without saving its state.
"""

import os
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
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
        with _interrupt_once(process):
            for line in _lines(out.fileno(), process):
                on_line(line)
        return process.returncode, _text(out.fileno()), _text(err.fileno())


def _lines(file: int, process: "subprocess.Popen[bytes]") -> Iterator[str]:
    """The file's lines as the process writes them, until it has ended."""
    position, unfinished = 0, b""
    while True:
        has_ended = process.poll() is not None
        new = _read(file, position)
        position += len(new)
        *lines, unfinished = (unfinished + new).split(b"\n")
        yield from (f"{line.decode(errors='replace')}\n" for line in lines)
        if has_ended:
            break
        time.sleep(_POLL)
    if unfinished:
        yield unfinished.decode(errors="replace")


def _read(file: int, position: int = 0) -> bytes:
    """The rest of the file. The process writes at the file's own offset, so that must not move."""
    return os.pread(file, os.fstat(file).st_size - position, position)


def _text(file: int) -> str:
    return _read(file).decode(errors="replace")


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
