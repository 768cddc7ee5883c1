"""Check what runs: testinfra on the containers, HTTP through the load balancer."""

import os
import subprocess
import sys

from pipeline.core import console
from pipeline.core.errors import TandemError
from pipeline.core.paths import ROOT

SUITE = ROOT / "tests" / "smoke"


def check(url: str, stack: str) -> str:
    """Run the checks of containers and site; returns the last line of pytest's output.

    Args:
        url: the URL of the site.
        stack: the local stack whose containers are checked. Empty on Fargate, whose containers cannot be
            reached: then only the site is checked.

    Raises:
        TandemError: a check failed; pytest's output is on stderr.
    """
    command = [sys.executable, "-m", "pytest", str(SUITE), "-p", "no:cacheprovider", "--tb=short"]
    environ = {**os.environ, "TANDEM_URL": url, "TANDEM_STACK": stack}
    run = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode:
        console.info(run.stdout.strip() or run.stderr.strip())
        raise TandemError(f"the checks failed on {url}: see above", hint="tandem status")
    return run.stdout.strip().splitlines()[-1]
