"""Run a program that must come to its own end, even if we are killed while it works.

What it prints goes to files: through a pipe it would die of SIGPIPE with us, in the middle of its work. It
has a session of its own: else Ctrl-C would reach it twice, from the terminal and from us, and Terraform
takes a second interrupt as the order to drop everything, its state included.
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
    argv: Sequence[str], folder: Path, env: Mapping[str, str], said: Callable[[str], None]
) -> tuple[int, str, str]:
    """Exit code, output and errors; `said` gets each line of output as it comes.

    FileNotFoundError if there is no such program.
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
        with _let_it_finish(process):
            for line in _lines(out, process):
                said(line)
        return process.returncode, _text(out), _text(err)


def _lines(file: Path, process: "subprocess.Popen[bytes]") -> Iterator[str]:
    """The file's lines while the process writes them, until it has ended."""
    rest = ""
    with file.open(encoding="utf-8", errors="replace") as written:
        while True:
            ended = process.poll() is not None
            rest += written.read()
            *whole, rest = rest.split("\n")
            yield from (f"{line}\n" for line in whole)
            if ended:
                break
            time.sleep(_POLL)
    if rest:
        yield rest


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


@contextmanager
def _let_it_finish(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """However we are interrupted, Terraform gets to save its state and to give its lock back."""
    try:
        yield
    except BaseException:
        if process.poll() is None:
            console.info("waiting for Terraform to save its state; do not interrupt again", style="yellow")
            process.send_signal(signal.SIGINT)
            process.wait()
        raise
