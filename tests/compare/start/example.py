"""A measured `compare start` with known seconds, for tests."""

import random
from dataclasses import replace

from pipeline.compare.experiment import StartedExperiment, Trial
from pipeline.compare.start import plans
from pipeline.compare.start.figures import PHASES

PLAN = replace(plans.with_cells(plans.default(), ["80 MB", "1 GB"], None), seed=7)
RUN, AT, MACHINE = "57a4712345678", "2026-01-02T03:04:05+00:00", "CPU, 2 cores, 8 GiB, Linux 6.1"
TOOLS = {"docker": "20.10.24", "python": "3.11.2"}
COPY = {("80 MB", "sidecar"): 0.2, ("1 GB", "sidecar"): 6.0}


def trial(cell, rng, **more):
    """One start: everything but the copy takes the same in each layout."""
    scale = dict(PLAN.sizes)[cell.size] / 1e9
    copy = COPY.get((cell.size, cell.variant), 0.01)
    parts = (0.1, 2 + 10 * scale, 0.5 + 5 * scale, 0.05, copy, 0.6, 0.3)
    noise = rng.lognormvariate(0, 0.01)
    phases = {phase.key: part * noise for phase, part in zip(PHASES, parts, strict=True)}
    serves = sum(phases.values())
    figures = {
        **phases,
        "serves": serves,
        "scaled": (1.5 + 2 * copy) * noise,
        "scale_copy": 2 * copy * noise,
        "pulled": 30e6 + 0.9e9 * scale,
        "asked": 80.0,
        "failed": 0.0,
        "p99": 0.004,
    }
    empty = Trial(RUN, AT, cell, MACHINE, serves, serves + 5, figures, load=0.3)
    return replace(empty, **more)


def example(plan=PLAN, count=8):
    """The whole comparison; the first cell has a warm-up and a failed start besides."""
    from pipeline.compare.experiment_results import MeasuredExperiment  # noqa: PLC0415 - scipy is slow to import

    rng = random.Random(1)  # noqa: S311 - reproducible
    cells = [cell for size, _ in plan.sizes for cell in plan.cells(size)]
    done = [trial(cell, rng) for _ in range(count) for cell in cells]
    done.append(trial(cells[0], rng, is_warm_up=True, value=0.0, figures={"serves": 99.0}))
    done.append(trial(cells[0], rng, error="<b>a task ended</b>", value=0.0, figures={}))
    return MeasuredExperiment(StartedExperiment("start", RUN, AT, plan, MACHINE, TOOLS), tuple(done))


def documents(measured):
    """The comparison as records."""
    return [measured.started.document(), *(each.document() for each in measured.trials)]
