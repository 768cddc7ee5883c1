"""Run commands side by side, each with an output of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import BinaryIO, TextIO

_LOW_PRIORITY = ("nice", "-n", "10")
_LOOK_SECONDS = 0.1

Process = subprocess.Popen[bytes]


def run(commands: Mapping[str, Sequence[str]]) -> int:
    """Run commands, by their names, side by side, the last at a low priority; returns the worst exit code.

    The first prints as it runs. What another one prints is shown when it has ended.
    """
    others = [*commands][1:]
    processes: dict[str, Process] = {}
    with ExitStack() as files, _ended_together(processes):
        outputs = {name: files.enter_context(tempfile.TemporaryFile()) for name in others}
        for name in reversed(commands):
            priority = _LOW_PRIORITY if name == others[-1] else ()
            processes[name] = _start([*priority, *commands[name]], outputs.get(name))
        for name in _as_they_end(processes):
            if name in outputs:
                _show(name, outputs[name])
            elif running := [other for other in others if processes[other].poll() is None]:
                _say(f"waiting for the {' and the '.join(running)}", sys.stderr)
    codes = {name: _exit_code(processes[name]) for name in commands}
    for name, code in codes.items():
        _say(f"{name}: {f'FAILED, exit code {code}' if code else 'passed'}")
    return max(codes.values())


def _start(command: Sequence[str], output: BinaryIO | None = None) -> Process:
    """Start `command` in a session of its own: a signal reaches it once, from here."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output and subprocess.STDOUT,
        start_new_session=True,
    )


@contextmanager
def _ended_together(processes: Mapping[str, Process]) -> Iterator[None]:
    """Pass each signal on as Ctrl-C, so that pytest removes what its tests started; leave none running."""

    def interrupt(*_: object) -> None:
        for process in processes.values():
            with suppress(ProcessLookupError):
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGINT)

    stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {stop: signal.signal(stop, interrupt) for stop in stops}
    try:
        yield
    except BaseException:
        interrupt()
        raise
    finally:
        for process in processes.values():
            process.wait()
        for stop, handler in before.items():
            signal.signal(stop, handler)


def _as_they_end(processes: Mapping[str, Process]) -> Iterator[str]:
    running = set(processes)
    while running:
        ended = {name for name in running if processes[name].poll() is not None}
        yield from ended
        running -= ended
        time.sleep(_LOOK_SECONDS)


def _show(name: str, output: BinaryIO) -> None:
    _say(f"\n{f' {name} ':-^80}")
    output.seek(0)
    shutil.copyfileobj(output, sys.stdout.buffer)
    _say(f"{f' end of the {name} ':-^80}")


def _say(text: str, stream: TextIO | None = None) -> None:
    """Print a line in one piece: where Python does not buffer, `print` lets another's come before its end."""
    stream = stream or sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


def _exit_code(process: Process) -> int:
    """As a shell has it: above 128 for a signal."""
    return process.returncode if process.returncode >= 0 else 128 - process.returncode
