"""Plans of `compare serving`: the whole comparison, and a look of a minute."""

import secrets

from pipeline.compare.experiment import ExperimentPlan
from pipeline.compare.presets import parse_sizes
from pipeline.compare.serving.workloads import Workload
from pipeline.core.values import Layout

_MINUTE, _PERCENT = 60.0, 100
_HINT = "tandem compare serving"
LAYOUTS = (Layout.MONOLITH, Layout.SIDECAR, Layout.FUSED)


def default() -> ExperimentPlan:
    """Every layout and workload on 150 MB, within a quarter of an hour."""
    return ExperimentPlan(
        sizes=parse_size("150 MB"),
        variants=tuple(map(str, LAYOUTS)),
        cases=tuple(map(str, Workload)),
        least=10,
        most=20,
        precision=0.01,
        budget=15 * _MINUTE,
        seed=secrets.randbelow(1_000_000),
        options={"connections": 16, "seconds": 3},
    )


def quick() -> ExperimentPlan:
    """A look of two minutes: too few trials for more than an impression."""
    return ExperimentPlan(
        sizes=parse_size("20 MB"),
        variants=tuple(map(str, LAYOUTS)),
        cases=tuple(map(str, Workload)),
        least=3,
        most=3,
        precision=0.01,
        budget=3 * _MINUTE,
        seed=secrets.randbelow(1_000_000),
        preset="quick",
        options={"connections": 16, "seconds": 1},
    )


def parse_size(text: str) -> tuple[tuple[str, int], ...]:
    """Label and bytes of a size such as 150 MB; `own` is the content's own.

    Raises:
        TandemError: it is no size.
    """
    return parse_sizes([text], command=_HINT)
