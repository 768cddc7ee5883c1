"""Run all tests: `make test`.

    .venv/bin/python -m tests.suite

The Docker Engine is kept from start to end: a stack that goes down would stop it under the other process.
"""

import sys

from pipeline.core.errors import TandemError
from pipeline.local import dockerd
from tests.suite.parts import PARTS
from tests.suite.run import run

if __name__ == "__main__":
    try:
        with dockerd.kept():
            code = run({name: [sys.executable, "-m", "pytest", "-m", marks] for name, marks in PARTS.items()})
    except TandemError as error:
        sys.exit(f"error: {error.message}\nhint:  {error.hint}, or `make test-unit`")
    sys.exit(code)
