"""Validate both Terraform roots without touching a state: `python -m pipeline.terraform.validate`.

Providers come from where every other command takes them (a mirror of this machine, or the registry), so it
works offline where they do.
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
    """What Terraform finds wrong with the configuration in `root`; empty if nothing."""
    with TemporaryDirectory() as folder:
        env = {**os.environ, **terraform.environ(Path(folder))}
        return _said(root, env, "init", "-backend=false", "-input=false") or _said(root, env, "validate")


def _said(root: Path, env: Mapping[str, str], *argv: str) -> str:
    command = [terraform.binary(), *argv, "-no-color"]
    done = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=False)
    return (done.stderr or done.stdout) if done.returncode else ""


def main() -> int:
    roots = [TERRAFORM / name for name in ("platform", "release")]
    with ThreadPoolExecutor() as pool:
        found = dict(zip(roots, pool.map(problem, roots), strict=True))
    for root, text in found.items():
        if text:
            print(f"terraform validate of {root.name} failed:\n{text}", file=sys.stderr)
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TandemError as error:
        sys.exit(str(error))
