"""Lay the results of `compare serving` out as plain text."""

from collections.abc import Sequence

from pipeline.compare.experiment import ExperimentPlan, Trial, TrialCell
from pipeline.compare.experiment_results import BETTER, WORSE, FigureResult, counts, figure_results, find
from pipeline.compare.serving.figures import CPU, ERRORS, MEDIAN, RATE, REQUESTS, SERVING, TAIL
from pipeline.compare.serving.workloads import names

_FIGURES = (RATE, MEDIAN, TAIL, CPU)
_WIDTH, _FAILED, _NAME = 27, 8, 10


def serving_table(plan: ExperimentPlan, done: Sequence[Trial], machine: str) -> str:
    """A table for each workload, with a row for each layout, and a legend."""
    results = figure_results(plan, SERVING.figures, done)
    tables = [_case_table(plan, results, done, size, case) for size, _ in plan.sizes for case in plan.cases]
    equal = f"= no difference shown (within ±{plan.margin * 100:g} %)"
    marks = f"{equal}, ? too few trials to tell"
    notes = [
        f"medians; in brackets the difference from monolith: {marks}",
        f"{plan.options['connections']:g} connections for {plan.options['seconds']:g} s a trial; n trials",
        f"on {machine}",
    ]
    return "\n\n".join([*tables, "\n".join(notes)])


def _case_table(
    plan: ExperimentPlan, results: Sequence[FigureResult], done: Sequence[Trial], size: str, case: str
) -> str:
    columns = ("requests/s", "p50", "p99", "CPU/request")
    name = names(size).get(case, case)
    head = f"{name} ({size})\n{'':<{_NAME}}" + "".join(f"{column:>{_WIDTH}}" for column in columns)
    rows = [_row(TrialCell(size, variant, case), plan, results, done) for variant in plan.variants]
    return "\n".join([f"{head}{'failed':>{_FAILED}}{'n':>5}", *rows])


def _row(
    cell: TrialCell, plan: ExperimentPlan, results: Sequence[FigureResult], done: Sequence[Trial]
) -> str:
    texts = [_figure(find(results, cell, figure.key)) for figure in _FIGURES]
    failures = sum(
        trial.figures.get(ERRORS, 0) for trial in done if trial.cell == cell and not trial.is_warm_up
    )
    n = next(each.counted for each in counts(plan, done) if each.cell == cell)
    figures = "".join(f"{text:>{_WIDTH}}" for text in texts)
    return f"{cell.variant:<{_NAME}}{figures}{failures:>{_FAILED},.0f}{n:>5}"


def _figure(result: FigureResult | None) -> str:
    if result is None:
        return "not measured"
    value = result.figure.text(result.summary.median)
    if result.difference is None:
        return value
    mark = "=" if result.is_equal else {BETTER: BETTER, WORSE: WORSE}.get(result.verdict, "?")
    ratio = result.equivalence.ratio if result.equivalence else result.difference.ratio
    return f"{value} ({mark} {(ratio - 1) * 100:+.1f} %)"


def trial_text(trial: Trial) -> str:
    """One trial in a few words."""
    if trial.error:
        return f"failed: {trial.error}"
    figures = trial.figures
    rate, median, tail = (each.text(figures[each.key]) for each in (RATE, MEDIAN, TAIL))
    return f"{rate}, p50 {median}, p99 {tail}, {figures[REQUESTS]:,.0f} requests"
