"""Run a command that ends: within a time limit, on silence, on an error, on Ctrl-C."""

import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.core import interrupts

_GRACE_SECONDS = 1.0
"""From SIGTERM to SIGKILL."""
_LOOK_SECONDS = 0.25
_PIECE = 1 << 16
_running: set[subprocess.Popen[bytes]] = set()


class ChildLimitError(Exception):
    """The command exceeded a limit; it has been ended."""


class ChildTimeoutError(ChildLimitError):
    """The command did not end in time, or was silent for too long; it has been ended."""

    def __init__(self, seconds: float, *, silent: bool) -> None:
        super().__init__(
            f"no answer within {seconds:g} s" if silent else f"not finished within {seconds:g} s"
        )


class ChildOutputError(ChildLimitError):
    """The command printed too much; it has been ended."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit:,} bytes of output")


@dataclass(frozen=True)
class Limits:
    """Seconds that a command may take, seconds that it may print nothing, and bytes that it may print."""

    total: float
    silence: float | None = None
    output: int | None = None


@dataclass
class _Output:
    """What a command has printed so far."""

    parts: dict[int, list[bytes]] = field(default_factory=dict)
    last: float = field(default_factory=time.monotonic)
    size: int = 0


def run_child(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    limits: Limits,
    stdin: bytes = b"",
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run `command` to its end, in a session of its own: what it starts ends with it.

    Raises:
        ChildLimitError: It exceeded a limit.
        FileNotFoundError: There is no such program.
    """
    with tempfile.TemporaryFile() as file:
        file.write(stdin)
        file.seek(0)
        child = subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    _running.add(child)
    try:
        stdout, stderr = _collect(child, limits)
    except BaseException:
        _end([child])
        raise
    finally:
        _running.discard(child)
        for pipe in (child.stdout, child.stderr):
            if pipe:
                pipe.close()
    return subprocess.CompletedProcess(command, child.returncode, stdout, stderr)


def _collect(child: subprocess.Popen[bytes], limits: Limits) -> tuple[bytes, bytes]:
    began, output = time.monotonic(), _Output()
    with selectors.DefaultSelector() as selector:
        for pipe in (child.stdout, child.stderr):
            if pipe:
                selector.register(pipe, selectors.EVENT_READ)
                output.parts[pipe.fileno()] = []
        first, second = output.parts.values()
        # A program that it left behind, such as ssh's shared connection, may hold the pipes open.
        while selector.get_map() and (_read(selector, output) or child.poll() is None):
            _check(began, output, limits)
    _wait(child, began, limits)
    return b"".join(first), b"".join(second)


def _read(selector: selectors.BaseSelector, output: _Output) -> bool:
    """Read what has come; whether something came."""
    ready = selector.select(_LOOK_SECONDS)
    for key, _ in ready:
        piece = os.read(key.fd, _PIECE)
        output.parts[key.fd].append(piece)
        output.size += len(piece)
        if not piece:
            selector.unregister(key.fileobj)
    if ready:
        output.last = time.monotonic()
    return bool(ready)


def _wait(child: subprocess.Popen[bytes], began: float, limits: Limits) -> None:
    try:
        child.wait(max(began + limits.total - time.monotonic(), _LOOK_SECONDS))
    except subprocess.TimeoutExpired as error:
        raise ChildTimeoutError(limits.total, silent=False) from error


def _check(began: float, output: _Output, limits: Limits) -> None:
    now = time.monotonic()
    if limits.output is not None and output.size > limits.output:
        raise ChildOutputError(limits.output)
    if now - began > limits.total:
        raise ChildTimeoutError(limits.total, silent=False)
    if limits.silence is not None and now - output.last > limits.silence:
        raise ChildTimeoutError(limits.silence, silent=True)


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """End commands and what they started: with SIGTERM, and soon after with SIGKILL."""
    for child in children:
        _signal(child, signal.SIGTERM)
    until = time.monotonic() + _GRACE_SECONDS
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(until - time.monotonic(), 0))
    for child in children:
        _signal(child, signal.SIGKILL)
        child.wait()


interrupts.always_on_interrupt(lambda: _end(list(_running)))


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # Its session has its id; after its end, what it started may still be in it.
    with suppress(ProcessLookupError):
        os.killpg(child.pid, number)
