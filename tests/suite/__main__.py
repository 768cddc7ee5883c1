"""Run all tests: `make test`.

    .venv/bin/python -m tests.suite

The Docker Engine is kept from start to end: a stack that goes down would stop it under the other process.
Tests without Docker have their files in memory: on a disk, many small ones take much of the processors' time.
"""

import sys

from pipeline.core.errors import TandemError
from pipeline.local import dockerd
from tests.suite.parts import OTHERS, PARTS
from tests.suite.run import run
from tests.support.folders import memory


def command(name: str) -> list[str]:
    """What runs a part."""
    folder = memory() if name == OTHERS else None
    environ = ["env", f"TMPDIR={folder}"] if folder else []
    return [*environ, sys.executable, "-m", "pytest", "-m", PARTS[name]]


if __name__ == "__main__":
    try:
        with dockerd.lasting_engine():
            code = run({name: command(name) for name in PARTS})
    except TandemError as error:
        sys.exit(f"error: {error.message}\nhint:  {error.hint}, or `make test-unit`")
    sys.exit(code)
