"""Validate both Terraform roots without a state: `python -m pipeline.terraform.validate`.

Providers come from the same place as for every other command (the mirror of this machine, or the registry),
so it works offline if they do.
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
from pipeline.terraform import program


def problem(root: Path) -> str:
    """Terraform's errors in the configuration of `root`; empty if it is valid."""
    with TemporaryDirectory() as folder:
        env = {**os.environ, **program.environ(Path(folder))}
        init = _output_of_failure(root, env, "init", "-backend=false", "-input=false")
        return init or _output_of_failure(root, env, "validate")


def _output_of_failure(root: Path, env: Mapping[str, str], *argv: str) -> str:
    command = [program.binary(), *argv, "-no-color"]
    process = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
    return (process.stderr or process.stdout) if process.returncode else ""


def main() -> int:
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
