"""Lay the results of `compare start` out as plain text."""

from collections.abc import Sequence

from pipeline.compare.experiment import TrialCell
from pipeline.compare.experiment_results import FigureResult, MeasuredExperiment, counts, find
from pipeline.compare.start.figures import NAMES, PHASES, SCALED, SERVES, START, TASKS
from pipeline.compare.start.losses import losses
from pipeline.compare.start.pull_estimate import BASIS
from pipeline.compare.start.summary import CellSummary, estimates, summaries

_WIDTH = 10


def start_table(measured: MeasuredExperiment) -> str:
    """For each size a row for each layout, then verdicts, losses, the estimate and what the columns mean."""
    cell_summaries, results = summaries(measured), measured.results(START)
    plan = measured.started.plan
    parts = [_size_table(measured, cell_summaries, results, size) for size, _ in plan.sizes]
    parts += ["\n".join([*_verdicts(results), *_failed_requests(cell_summaries)])]
    parts += ["\n".join(_loss_lines(cell_summaries, results)), _estimate(cell_summaries)]
    notes = [
        "seconds, medians; n starts; !2: two starts failed",
        *(f"{phase.key}: {phase.text}" for phase in PHASES),
        f"1-{TASKS}: from 1 to {TASKS} tasks under load, with the images in the store",
        f"on {measured.started.machine}",
    ]
    return "\n\n".join([*filter(None, parts), "\n".join(notes)])


def _size_table(
    measured: MeasuredExperiment,
    cell_summaries: Sequence[CellSummary],
    results: Sequence[FigureResult],
    size: str,
) -> str:
    names = [phase.key for phase in PHASES]
    head = ["serves", *names, f"1-{TASKS}", "n"]
    lines = [f"{size:<18}" + "".join(f"{name:>{_WIDTH}}" for name in head)]
    by_cell = {each.cell: each for each in cell_summaries}
    for count in counts(measured.started.plan, measured.trials):
        if count.cell.size != size:
            continue
        failure_mark = f" !{count.failures}" if count.failures else ""
        values = _values(by_cell.get(count.cell), results, count.cell)
        row = [*values, f"{count.counted}{failure_mark}"]
        lines.append(
            f"{NAMES.get(count.cell.variant, ''):<18}" + "".join(f"{text:>{_WIDTH}}" for text in row)
        )
    return "\n".join(lines)


def _values(summary: CellSummary | None, results: Sequence[FigureResult], cell: TrialCell) -> list[str]:
    if summary is None:
        return ["-"] * (len(PHASES) + 2)
    phases = [f"{summary.medians.get(phase.key, 0.0):.2f}" for phase in PHASES]
    return [_median(results, cell, SERVES.key), *phases, _median(results, cell, SCALED.key)]


def _median(results: Sequence[FigureResult], cell: TrialCell, key: str) -> str:
    result = find(results, cell, key)
    return "-" if result is None else f"{result.summary.median:.2f}"


def _verdicts(results: Sequence[FigureResult]) -> list[str]:
    return [
        f"{result.cell.size}, {NAMES.get(result.cell.variant, result.cell.variant)}, {result.figure.name}:"
        f" {verdict_text(result)}"
        for result in results
        if result.difference
    ]


def _loss_lines(cell_summaries: Sequence[CellSummary], results: Sequence[FigureResult]) -> list[str]:
    sentences = losses(cell_summaries, results)
    return ["where the split loses", *(f"  {each}" for each in sentences)] if sentences else []


def _failed_requests(cell_summaries: Sequence[CellSummary]) -> list[str]:
    failed, requests = (
        sum(each.failed for each in cell_summaries),
        sum(each.requests for each in cell_summaries),
    )
    return (
        [f"failed requests during the scale-outs: {failed:,.0f} of {requests:,.0f}"] if cell_summaries else []
    )


def verdict_text(result: FigureResult) -> str:
    """Such as `+2.1 % against the bloated image (-1.0 to +5.3), n = 6 + 6: no difference shown …`."""
    if result.difference is None:
        return ""
    same, n = result.equivalence, f"n = {result.difference.n[0]} + {result.difference.n[1]}"
    ratio = result.difference.ratio if same is None else same.ratio
    interval = "" if same is None else f" ({_percent(same.low)} to {_percent(same.high)})"
    return f"{_percent(ratio)} % against the bloated image{interval}, {n}: {result.verdict}"


def _percent(ratio: float) -> str:
    return f"{(ratio - 1) * 100:+.1f}"


def _estimate(cell_summaries: Sequence[CellSummary]) -> str:
    rows = [
        f"  {each.size}, {NAMES.get(each.variant, each.variant)}:"
        f" {each.bytes / 1e6:.1f} MB, {each.seconds:.1f} s"
        for each in estimates(cell_summaries)
    ]
    return "\n".join([f"modelled, not measured: a cold pull on Fargate, {BASIS}", *rows]) if rows else ""
