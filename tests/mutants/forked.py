"""Run pytest in forks of this process, which has imported the libraries: that takes most of the time."""

import errno
import importlib
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_LIBRARIES = (
    "boto3",
    "docker",
    "httpx",
    "hypothesis",
    "jinja2",
    "moto.core",
    "moto.server",
    "pydantic",
    "pytest",
)
_PACKAGES = ("pipeline", "render", "tests")
_POLL = 0.05
_MEMORY = 4 << 30
NO_MEMORY = errno.ENOMEM
"""The exit code of a fork that took all memory that it may have."""


def preload() -> None:
    """Import what most tests import; nothing of the project itself, which each fork reads from its copy."""
    for name in (*_LIBRARIES, "rich.console", "stamina", "typer", "urllib3", "werkzeug.serving"):
        importlib.import_module(name)


def run_forked(folder: Path, argv: Sequence[str], seconds: float) -> tuple[int | None, str]:
    """The exit code and the output of `pytest argv` in `folder`; no code if it does not end in time."""
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if not child:
            _run(folder, argv, output.fileno())
        code = _wait(child, seconds)
        with suppress(ProcessLookupError):  # what the tests left behind
            os.killpg(child, signal.SIGKILL)
        output.seek(0)
        return code, output.read().decode(errors="replace")


def _run(folder: Path, argv: Sequence[str], output: int) -> None:
    """Never returns: this is the fork."""
    code = 3
    try:
        os.setsid()
        # A mutant without a limit must not take the memory of the machine.
        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
        for number in (1, 2):
            os.dup2(output, number)
        os.chdir(folder)
        os.environ["PYTHONPATH"], sys.dont_write_bytecode = str(folder), True
        sys.path[:] = [str(folder), *(path for path in sys.path if not Path(path, "pipeline").is_dir())]
        for name in [name for name in sys.modules if name.partition(".")[0] in _PACKAGES]:
            del sys.modules[name]
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        import pytest  # noqa: PLC0415 - imported already, by `preload`

        code = int(pytest.main([*argv]))
    except MemoryError:
        code = NO_MEMORY
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _wait(child: int, seconds: float) -> int | None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(_POLL)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None
