"""A fault point strikes at the boundary that the variable names, and nowhere else."""

import re
import signal
import subprocess
import sys

import pytest

from pipeline.core import fault_points
from pipeline.core.paths import ROOT
from pipeline.core.steps import step

SCRIPT = """
from pipeline.core.steps import step
try:
    with step("watch"):
        print("inside", flush=True)
    print("after", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def run(fault_at):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env={fault_points.VARIABLE: fault_at},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.split()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault_at", "outcome"),
    [
        ("", (0, ["inside", "after"])),
        ("apply:before", (0, ["inside", "after"])),
        ("watch:before", (-signal.SIGKILL, [])),
        ("watch:after", (-signal.SIGKILL, ["inside"])),
        ("watch:before:INT", (0, ["interrupted"])),
        ("watch:after:TERM", (-signal.SIGTERM, ["inside"])),
    ],
)
def test_it_strikes_at_the_named_boundary(fault_at, outcome):
    assert outcome == run(fault_at)


def test_a_step_that_fails_has_no_after(monkeypatch):
    monkeypatch.setenv(fault_points.VARIABLE, "watch:after")
    with pytest.raises(ValueError, match="broken"), step("watch"):
        raise ValueError("broken")


INNER = {"terraform apply", "compact", "destroy"}
"""Within another step, after the release is recorded, or of no release at all."""


def test_every_step_of_the_code_is_listed():
    """No test would break a step that the list lacks."""
    code = "".join(file.read_text() for file in (ROOT / "pipeline").rglob("*.py"))
    steps = re.findall(r'(?<![.\w])step\(\s*"([^"]+)"(?:, of="(\w+)")?', code)
    named = {f"{name} {image}".rstrip() for name, image in steps} - INNER
    assert {"heads", "apply", "build static", "go back"} <= named
    assert named | {"all traffic"} == set(fault_points.STEPS) - {
        "build app",
        "build api",
        "push app",
        "push api",
    }
    prefixes = set(re.findall(r'\.step\("(\w+)", of=name', code))
    assert prefixes == {"build", "push"}
