"""A comparison with known times: every variant and scenario on two sizes, with failures and warm-ups."""

import random
from dataclasses import replace

from pipeline.compare.build_plan import Plan
from pipeline.compare.builds import StartedComparison
from pipeline.compare.measurement import BuildStep, Cell, Measurement, Variant
from pipeline.compare.scenarios import Scenario

PLAN = Plan(
    sizes=(("150 MB", 150_000_000), ("750 MB", 750_000_000)),
    variants=tuple(Variant),
    scenarios=tuple(Scenario),
    least=5,
    most=9,
    precision=0.05,
    budget=1800.0,
    seed=7,
)
RUN, AT, MACHINE = "c0ffee123456", "2026-01-02T03:04:05+00:00", "CPU, 2 cores, 8 GiB, Linux 6.1"
_SPLIT = {
    Scenario.COLD: 0.4,
    Scenario.NOTHING: 0.01,
    Scenario.APP_ONLY: 0.8,
    Scenario.STATIC_ONE_FILE: 0.03,
    Scenario.STATIC_ONE_PERCENT: 0.06,
    Scenario.BOTH: 0.9,
}


def seconds_of(cell):
    """The median that a cell has in the example."""
    scale = dict(PLAN.sizes)[cell.size] / 150e6
    if cell.scenario is Scenario.NOTHING:
        return 0.05
    if cell.variant is Variant.MONOLITH:
        return 10.0 * scale
    if cell.variant is Variant.SPLIT_DOCKERFILE and cell.scenario is not Scenario.APP_ONLY:
        return 10.6 * scale
    share = _SPLIT[cell.scenario]
    return 10 * scale * share if cell.scenario is Scenario.COLD else share + 0.1


def measurement(cell, rng, **more):
    """One build of the cell."""
    seconds = seconds_of(cell) * rng.lognormvariate(0, 0.03)
    image = "monolith" if cell.variant is Variant.MONOLITH else "app"
    spans = (
        BuildStep(image, "look up", 0.0, 0.1 * seconds),
        BuildStep(image, "build", 0.1 * seconds, 0.9 * seconds),
    )
    is_nothing = cell.scenario is Scenario.NOTHING
    bytes_sent = 0 if is_nothing else int(seconds_of(cell) * 12e6)
    bytes_changed = None if cell.scenario is Scenario.COLD else 0 if is_nothing else 14_000
    empty = Measurement(RUN, AT, cell, MACHINE, seconds, seconds + 1)
    return replace(
        empty,
        **{
            "content_bytes": dict(PLAN.sizes)[cell.size],
            "bytes_sent": bytes_sent,
            "bytes_changed": bytes_changed,
            "load": 0.4,
            "spans": spans,
            "commits": ("app " + "1" * 40, "static " + "2" * 40),
            **more,
        },
    )


def example(plan=PLAN, count=7):
    """The whole comparison; the first cell also has a warm-up and a failed build."""
    from pipeline.compare.report.report_content import ReportContent  # noqa: PLC0415 - scipy is slow to import

    rng = random.Random(1)  # noqa: S311 - reproducible
    cells = [cell for size, _ in plan.sizes for cell in plan.cells(size)]
    measurements = [measurement(cell, rng) for _ in range(count) for cell in cells]
    measurements.append(measurement(cells[0], rng, is_warm_up=True, seconds=99.0))
    measurements.append(measurement(cells[0], rng, error="<b>the disk is full</b>", seconds=0.0))
    tools = {"git": "2.39.5", "docker": "20.10.24", "python": "3.11.2"}
    return ReportContent(StartedComparison(RUN, AT, plan, MACHINE, tools), tuple(measurements))


def documents(content):
    """The comparison as records."""
    return [content.started.document(), *(each.document() for each in content.measurements)]


CELL = Cell("150 MB", Variant.SPLIT_LAYERS, Scenario.STATIC_ONE_FILE)
