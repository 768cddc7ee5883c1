"""Validate both Terraform roots without touching a state: `python -m pipeline.terraform.validate`.

Providers come from the same place as in every other command: a mirror on this machine, or the registry.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.core.errors import TandemError
from pipeline.core.paths import TERRAFORM
from pipeline.terraform import runner as terraform


def problem(root: Path) -> str:
    """Terraform's error for the configuration in `root`; empty if it is valid."""
    with TemporaryDirectory() as folder:
        env = {**os.environ, **terraform.environ(Path(folder))}
        return _error_of(root, env, "init", "-backend=false", "-input=false") or _error_of(
            root, env, "validate"
        )


def _error_of(root: Path, env: Mapping[str, str], *argv: str) -> str:
    command = [terraform.binary(), *argv, "-no-color"]
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
    return (done.stderr or done.stdout) if done.returncode else ""


def main() -> int:
    """Validate both roots and print what is wrong; the exit code is 1 if one is invalid."""
    roots = [TERRAFORM / name for name in ("platform", "release")]
    with ThreadPoolExecutor() as pool:
        problems = dict(zip(roots, pool.map(problem, roots), strict=True))
    for root, text in problems.items():
        if text:
            print(f"terraform validate of {root.name} failed:\n{text}", file=sys.stderr)
    return 1 if any(problems.values()) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TandemError as error:
        sys.exit(str(error))
