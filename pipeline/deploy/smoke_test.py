"""Check what runs: testinfra on the containers, HTTP through the edge."""

import os
import subprocess
import sys

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT

SUITE = ROOT / "tests" / "smoke"


def check(url: str, stack: str) -> str:
    """Run the checks of containers and site; returns pytest's closing line.

    Args:
        url: where the site answers.
        stack: the local stack whose containers are looked at; empty where containers are out of reach
            (Fargate), then only the site is.

    Raises:
        TandemError: a check failed; pytest has said which on stderr.
    """
    command = [sys.executable, "-m", "pytest", str(SUITE), "-p", "no:cacheprovider", "--tb=short"]
    environ = {**os.environ, "TANDEM_URL": url, "TANDEM_STACK": stack}
    run = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode:
        console.info(run.stdout.strip() or run.stderr.strip())
        raise TandemError(f"the checks failed on {url}: see above", hint="tandem status")
    return run.stdout.strip().splitlines()[-1]
