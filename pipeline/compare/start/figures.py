"""What every trial of `compare start` measures."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.compare.experiment import Experiment, Figure

CASE = "start"
"""The only case: one task, then four."""
TASKS = 4
"""Tasks after the scale-out."""
RATE = "rate"
"""The plan's option: requests a second during the scale-out."""

SERVES = Figure("serves", "from wanted to serving", "s", digits=2)
SCALED = Figure("scaled", f"from 1 to {TASKS} tasks", "s", digits=2)
START = Experiment("start", "tandem compare start", (SERVES, SCALED))

PULLED = "pulled"
"""Key: the compressed bytes that a task pulls."""
SCALE_COPY = "scale_copy"
"""Key: the copy of the slowest new task in the scale-out, in seconds."""
ASKED, FAILED, P99 = "asked", "failed", "p99"
"""Keys: requests during the scale-out, those that failed, and the seconds that 99 of 100 took at most."""


@dataclass(frozen=True)
class Phase:
    """A part of `SERVES`; they follow one after the other."""

    key: str
    text: str


PHASES = (
    Phase("schedule", "from the call to the task's first step"),
    Phase("pull", "until the last byte has arrived; layers that came earlier are unpacked meanwhile"),
    Phase("unpack", "what is left to unpack after the last byte"),
    Phase("network", "what the task still waits for its network address"),
    Phase("copy", "Docker creates the containers and fills their volumes: with sidecar by all content"),
    Phase("start", "the containers run; with sidecar the data container has exited before nginx starts"),
    Phase("healthy", "until the load balancer's check has passed and a request is answered"),
)
NAMES: Mapping[str, str] = {"monolith": "bloated image", "sidecar": "split, sidecar", "fused": "split, fused"}
"""The layouts as a reader knows them."""
