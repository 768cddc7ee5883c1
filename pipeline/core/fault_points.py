"""Interrupt a release before or after a step, for the tests of faults.

`FAULT_AT=STEP:before|after[:SIGNAL]` makes the process send itself SIGNAL (KILL, INT or TERM; KILL by
default) before STEP, or after STEP has succeeded. Only tests set the variable.
"""

import os
import signal

VARIABLE = "FAULT_AT"

FORWARD = (
    "heads",
    "build app",
    "push app",
    "build static",
    "build api",
    "push api",
    "compose",
    "verify",
    "number",
    "started",
    "apply",
    "probe",
    "watch",
    "bake",
    "warm",
    "canary",
    "all traffic",
    "succeed",
)
"""The steps of a release that succeeds, in order; images are built at the same time."""

BACK = ("go back", "rolled back")
"""The steps after a rollout or canary that failed."""

PLATFORM = ("platform",)
"""The step of `tandem apply` before the release, if the platform differs from its variables."""

SWITCH = ("move traffic", "destroy idle", "settle")
"""The steps after a release that moves the API to another runtime."""

QUEUE = ("enqueue", "take", "end")
"""The steps of a trigger: it is stored, goes into a release, and has ended."""

STEPS = PLATFORM + FORWARD + BACK + SWITCH + QUEUE
SIDES = ("before", "after")


def strike(name: str, side: str) -> None:
    """Send the process the signal that FAULT_AT asks for at this side of step `name`."""
    point = os.environ.get(VARIABLE)
    if not point:
        return
    step_, side_, *kind = point.split(":")
    if (step_, side_) == (name, side):
        os.kill(os.getpid(), signal.Signals[f"SIG{kind[0] if kind else 'KILL'}"])
