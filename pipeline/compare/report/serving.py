"""The section "Serving": load on the layouts side by side."""

from collections.abc import Sequence

from pipeline.compare.experiment import ExperimentPlan, Trial, TrialCell
from pipeline.compare.experiment_results import FigureResult, MeasuredExperiment, counts, find
from pipeline.compare.report.bands import bands_chart
from pipeline.compare.report.section import (
    Section,
    Table,
    comparison_text,
    facts,
    failures,
    how_compared,
    verdict_sentences,
)
from pipeline.compare.serving.figures import CPU, ERRORS, MEDIAN, RATE, REQUESTS, SERVING, TAIL
from pipeline.compare.serving.workloads import names

_HEAD = (
    *("workload", "layout", "requests/s", "p50", "p99", "CPU per request", "failed requests", "n"),
    "requests/s against the bloated image (90 % interval)",
)


def section(measured: MeasuredExperiment) -> Section:
    """The section of the newest `compare serving`."""
    results, case_names = measured.results(SERVING), names(measured.started.plan.sizes[0][0])
    charts = [
        bands_chart(f"Serving: {figure.name}", figure, results, case_names) for figure in SERVING.figures
    ]
    return Section(
        "Serving",
        (*_introduction(measured.started.plan), *verdict_sentences(results, case_names)),
        tuple(chart for chart in charts if chart),
        tuple(_table(measured, results, size) for size, _ in measured.started.plan.sizes),
        failures(measured),
        facts(measured),
        (*_commands(measured.started.plan), "tandem report"),
    )


def _introduction(plan: ExperimentPlan) -> tuple[str, ...]:
    connections, seconds = plan.options.get("connections", 0), plan.options.get("seconds", 0)
    what = (
        f"The same site as {', '.join(plan.variants)}, one task of each, side by side behind one HAProxy."
        f" wrk keeps {connections:g} connections busy for {seconds:g} s; each waits for its answer before it"
        " asks again. Layouts and workloads come in turns, in an order that chance chose for each round."
    )
    return what, how_compared(plan)


def _table(measured: MeasuredExperiment, results: Sequence[FigureResult], size: str) -> Table:
    plan = measured.started.plan
    trial_counts = {each.cell: each.counted for each in counts(plan, measured.trials)}
    cells = [TrialCell(size, variant, case) for case in plan.cases for variant in plan.variants]
    rows = tuple(_row(cell, results, measured.trials, trial_counts[cell]) for cell in cells)
    return Table(f"Serving, {size} of content: medians", _HEAD, rows)


def _row(
    cell: TrialCell, results: Sequence[FigureResult], trials: Sequence[Trial], n: int
) -> tuple[str, ...]:
    by_key = {figure.key: find(results, cell, figure.key) for figure in SERVING.figures}
    texts = [_median(by_key[figure.key]) for figure in (RATE, MEDIAN, TAIL, CPU)]
    rate = by_key[RATE.key]
    comparison = comparison_text(rate) if rate else ""
    return (
        names(cell.size).get(cell.case, cell.case),
        cell.variant,
        *texts,
        failed_requests(cell, trials),
        str(n),
        comparison,
    )


def _median(result: FigureResult | None) -> str:
    return "not measured" if result is None else result.figure.text(result.summary.median)


def failed_requests(cell: TrialCell, trials: Sequence[Trial]) -> str:
    """Such as `0 of 123,456`, of all trials but warm-ups."""
    own = [each.figures for each in trials if each.cell == cell and not each.is_warm_up]
    errors, requests = (sum(each.get(key, 0.0) for each in own) for key in (ERRORS, REQUESTS))
    return f"{errors:,.0f} of {errors + requests:,.0f}"


def _commands(plan: ExperimentPlan) -> tuple[str, ...]:
    words = [SERVING.command, *(f'--size "{size}"' for size, _ in plan.sizes)]
    words += [f"--layout {variant}" for variant in plan.variants]
    words += [f"--workload {case}" for case in plan.cases]
    words += [f"--runs {plan.least}", f"--minutes {plan.budget / 60:g}", f"--seed {plan.seed}"]
    words += [f"--{name} {value:g}" for name, value in plan.options.items()]
    return "make up", " ".join(words)
