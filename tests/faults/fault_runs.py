"""Run commands into fault points, and check the records afterwards."""

import itertools
import signal

from pipeline.core import fault_points

EXIT_CODES = {"INT": 130, "TERM": 130, "KILL": -signal.SIGKILL}


def boundaries(steps):
    return [f"{step}:{side}" for step in steps for side in fault_points.SIDES]


def interrupts(steps):
    """Each boundary with a signal; each step gets SIGINT and SIGTERM, which have the same effect."""
    return zip(boundaries(steps), itertools.cycle(["INT", "TERM", "TERM", "INT"]), strict=False)


def run_into(site, boundary, kind="KILL", *, verb="release"):
    """Run a command into a fault point; the current release stays, unless the success was recorded."""
    before = site.current
    done = site.release(fault=f"{boundary}:{kind}", verb=verb)
    assert done.returncode == EXIT_CODES[kind], (boundary, kind, done.stderr)
    assert "Traceback" not in done.stderr
    if kind != "KILL":
        assert "interrupted; run the same command again to finish" in done.stderr, boundary
    succeeded = [release for release, outcome in site.trail() if outcome == "succeeded"]
    if boundary == "succeed:after":
        assert site.current == succeeded[-1]
    else:
        assert site.current == before == succeeded[-1]
    return done
