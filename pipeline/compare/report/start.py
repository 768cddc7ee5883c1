"""The section "Start": from "task wanted" to "serves", and from one task to four."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pipeline.compare.experiment import ExperimentPlan
from pipeline.compare.experiment_results import FigureResult, MeasuredExperiment, counts, find
from pipeline.compare.report.bands import bands_chart
from pipeline.compare.report.findings import seconds
from pipeline.compare.report.section import (
    Section,
    Table,
    comparison_text,
    facts,
    failures,
    how_compared,
    verdict_sentences,
)
from pipeline.compare.report.start_chart import start_chart
from pipeline.compare.start.figures import NAMES, PHASES, RATE, SCALED, SERVES, START, TASKS
from pipeline.compare.start.losses import losses
from pipeline.compare.start.pull_estimate import BASIS
from pipeline.compare.start.summary import CellSummary, estimates, estimates_json, summaries

_MODELLED = "Modelled, not measured: what a cold pull adds on Fargate"
_BASIS = f"{_MODELLED}: {BASIS}."
_HEAD = (
    *("layout", "n", "serves", "95 % interval", *(phase.key for phase in PHASES), f"1 to {TASKS} tasks"),
    *("failed requests", "against the bloated image (90 % interval)"),
)


def section(measured: MeasuredExperiment) -> Section:
    """The section of the newest `compare start`."""
    cell_summaries, results = summaries(measured), measured.results(START)
    plan, by_size = measured.started.plan, [_by_size(result) for result in results]
    bands = [bands_chart(f"Start: {figure.name}", figure, by_size, {}) for figure in START.figures]
    bars = [start_chart(cell_summaries, size) for size, _ in plan.sizes]
    return Section(
        "Start",
        (
            *_introduction(plan),
            *verdict_sentences(by_size, {}),
            *_loss_sentences(cell_summaries, results),
            _BASIS,
        ),
        tuple(chart for chart in (*bars, *bands) if chart),
        (
            *(_table(measured, cell_summaries, results, size) for size, _ in plan.sizes),
            _estimate(cell_summaries),
        ),
        failures(measured),
        (*facts(measured), *((f"phase {phase.key}", phase.text) for phase in PHASES)),
        (*_commands(plan), "tandem report"),
    )


def estimate_json(measured: MeasuredExperiment) -> dict[str, Any]:
    """What a cold pull adds on Fargate, labelled as modelled."""
    return {"fargate_pull": estimates_json(summaries(measured))}


def _by_size(result: FigureResult) -> FigureResult:
    """The result with its size in the case's place: there is one case only."""
    return replace(result, cell=replace(result.cell, case=f"{result.cell.size} of content"))


def _introduction(plan: ExperimentPlan) -> tuple[str, ...]:
    one = (
        "The scheduler of the local stack starts one task of each layout. The image store has none of its"
        " layers. The clock runs from the call that asks for the task to the first request that the load"
        " balancer answers. Layouts come in turns, in an order that chance chose for each round."
    )
    several = (
        f"Then the service is asked for {TASKS} tasks while {plan.options.get(RATE, 0):g} requests a second"
        " arrive. The new tasks find the images in the store. On Fargate each of them pulls everything again."
    )
    release = (
        "A release waits longer: ECS also waits for the container's own health check, whose first run comes"
        " 5 s after the container's start. That is the same for all layouts, and is not in these figures."
    )
    bars = "A bar is one real start: the one in the middle of its layout's starts."
    return one, several, release, bars, how_compared(plan)


def _loss_sentences(cell_summaries: Sequence[CellSummary], results: Sequence[FigureResult]) -> list[str]:
    sentences = losses(cell_summaries, results)
    return [f"Where the split loses: {sentences[0]}", *sentences[1:]] if sentences else []


def _table(
    measured: MeasuredExperiment,
    cell_summaries: Sequence[CellSummary],
    results: Sequence[FigureResult],
    size: str,
) -> Table:
    by_cell = {each.cell: each for each in cell_summaries}
    rows = tuple(
        (_layout(each.cell.variant), str(each.counted), *_row(by_cell.get(each.cell), results))
        for each in counts(measured.started.plan, measured.trials)
        if each.cell.size == size
    )
    return Table(f"Start, {size} of content: medians", _HEAD, rows)


def _layout(variant: str) -> str:
    return NAMES.get(variant, variant)


def _row(summary: CellSummary | None, results: Sequence[FigureResult]) -> tuple[str, ...]:
    if summary is None:
        return ("not measured", *[""] * (len(_HEAD) - 3))
    serves = find(results, summary.cell, SERVES.key)
    scale_out = find(results, summary.cell, SCALED.key)
    return (
        _median(serves),
        _interval(serves),
        *(seconds(summary.medians.get(phase.key, 0.0)) for phase in PHASES),
        _median(scale_out),
        f"{summary.failed:,.0f} of {summary.requests:,.0f}",
        comparison_text(serves) if serves else "",
    )


def _median(result: FigureResult | None) -> str:
    return "not measured" if result is None else seconds(result.summary.median)


def _interval(result: FigureResult | None) -> str:
    if result is None or result.summary.low is None or result.summary.high is None:
        return "none"
    return f"{seconds(result.summary.low)} to {seconds(result.summary.high)}"


def _estimate(cell_summaries: Sequence[CellSummary]) -> Table:
    rows = tuple(
        (
            each.size,
            _layout(each.variant),
            f"{each.bytes / 1e6:.1f} MB",
            seconds(each.seconds),
        )
        for each in estimates(cell_summaries)
    )
    return Table(_MODELLED, ("content", "layout", "pulled by each task", "estimate"), rows)


def _commands(plan: ExperimentPlan) -> tuple[str, ...]:
    words = [
        START.command,
        *(f'--size "{size}"' if " " in size else f"--size {size}" for size, _ in plan.sizes),
    ]
    words += [f"--layout {variant}" for variant in plan.variants]
    words += [f"--runs {plan.least}", f"--minutes {plan.budget / 60:g}", f"--margin {plan.margin * 100:g}"]
    return "make up", " ".join([*words, f"--seed {plan.seed}"])
