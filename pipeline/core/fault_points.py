"""Break a release on purpose at a boundary between its steps: how the tests of faults get in.

`FAULT_AT=STEP:before|after[:SIGNAL]` makes the process send itself SIGNAL (KILL unless given, or INT,
TERM) when it comes to that boundary; `after` is after the step went well. Without the variable a step
costs one look at the environment. Only tests set it.
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
    "canary",
    "all traffic",
    "succeed",
)
"""The steps of a release that goes well, in order; images are made at the same time."""

BACK = ("go back", "rolled back")
"""What follows where a rollout or canary fails."""

PLATFORM = ("platform",)
"""What `tandem apply` comes by before a release, where the platform is not as its variables say."""

SWITCH = ("move traffic", "let go", "settle")
"""What follows a release where the API was told to run on something else."""

STEPS = PLATFORM + FORWARD + BACK + SWITCH
SIDES = ("before", "after")


def strike(name: str, side: str) -> None:
    """Send the process the signal that FAULT_AT asks for at this side of step `name`."""
    point = os.environ.get(VARIABLE)
    if not point:
        return
    step_, side_, *kind = point.split(":")
    if (step_, side_) == (name, side):
        os.kill(os.getpid(), signal.Signals[f"SIG{kind[0] if kind else 'KILL'}"])
