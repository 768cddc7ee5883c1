"""Where a command can be struck, by which signals, and what must hold afterwards."""

import itertools
import signal

from pipeline.core import fault_points

STOPPED = {"INT": 130, "TERM": 130, "KILL": -signal.SIGKILL}


def boundaries(steps):
    return [f"{step}:{side}" for step in steps for side in fault_points.SIDES]


def interrupts(steps):
    """Each boundary with one signal, each step with both: they go the same way from there on."""
    return zip(boundaries(steps), itertools.cycle(["INT", "TERM", "TERM", "INT"]), strict=False)


def broken_at(site, boundary, kind="KILL", *, verb="release"):
    """Run a command into the fault; what was recorded before stays, unless success is recorded."""
    before = site.current
    done = site.release(fault=f"{boundary}:{kind}", verb=verb)
    assert done.returncode == STOPPED[kind], (boundary, kind, done.stderr)
    assert "Traceback" not in done.stderr
    if kind != "KILL":
        assert "interrupted; run the same command again to finish" in done.stderr, boundary
    succeeded = [release for release, outcome in site.trail() if outcome == "succeeded"]
    if boundary == "succeed:after":
        assert site.current == succeeded[-1]
    else:
        assert site.current == before == succeeded[-1]
    return done
