"""An experiment with known figures, for tests."""

import random
from dataclasses import replace

from pipeline.compare.experiment import ExperimentPlan, StartedExperiment, Trial

PLAN = ExperimentPlan(
    sizes=(("150 MB", 150_000_000),),
    variants=("monolith", "sidecar", "fused"),
    cases=("small-page", "large-asset", "random-files"),
    least=8,
    most=12,
    precision=0.02,
    budget=600.0,
    seed=7,
    options={"connections": 16.0, "seconds": 3.0},
)
RUN, AT, MACHINE = "5e7e12345678", "2026-01-02T03:04:05+00:00", "CPU, 2 cores, 8 GiB, Linux 6.1"


def trial(cell, rate=1000.0, plan_run=RUN, **more):
    """One trial with that rate; its other figures follow from it."""
    figures = {
        "requests_per_second": rate,
        "p50_seconds": 16 / rate,
        "p99_seconds": 40 / rate,
        "cpu_seconds_per_request": 0.2 / rate,
        "requests": 3 * rate,
        "errors": 0.0,
    }
    empty = Trial(plan_run, AT, cell, MACHINE, rate, 3.5, figures, load=0.4)
    return replace(empty, **more)


def example(plan=PLAN, count=10, factors=None, spread=0.01):
    """A whole experiment; `factors` says how many times the rate of the base a (variant, case) has."""
    from pipeline.compare.experiment_results import MeasuredExperiment  # noqa: PLC0415 - scipy is slow to import

    rng = random.Random(1)  # noqa: S311 - reproducible
    cells = [cell for size, _ in plan.sizes for cell in plan.cells(size)]
    done = [
        trial(
            cell, 1000 * (factors or {}).get((cell.variant, cell.case), 1.0) * rng.lognormvariate(0, spread)
        )
        for _ in range(count)
        for cell in cells
    ]
    started = StartedExperiment("serving", RUN, AT, plan, MACHINE, {"docker": "20.10.24", "wrk": "4.1.0"})
    return MeasuredExperiment(started, tuple(done))


def documents(measured):
    """The experiment as records."""
    return [measured.started.document(), *(each.document() for each in measured.trials)]
