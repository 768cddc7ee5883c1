"""Where a split layout starts slower than the bloated image, phase by phase, in sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.compare.experiment import BASE
from pipeline.compare.experiment_results import WORSE, FigureResult, find
from pipeline.compare.start.figures import NAMES, PHASES, PULLED, SCALE_COPY, SCALED, SERVES
from pipeline.compare.start.summary import CellSummary
from pipeline.core.values import Layout

_FELT = 0.1
"""Seconds below which a phase is not named."""
_MORE = 1.02
"""From this ratio on more pulled bytes are named."""


def losses(cell_summaries: Sequence[CellSummary], results: Sequence[FigureResult]) -> list[str]:
    """What each split layout loses, by size; empty where it loses nothing."""
    by_cell = {each.cell: each for each in cell_summaries}
    sentences = []
    for each in cell_summaries:
        base = by_cell.get(replace(each.cell, variant=BASE))
        drawbacks = [*_against(each, base, results), *_copy(each)] if base is not each else []
        if drawbacks:
            name = NAMES.get(each.cell.variant, each.cell.variant)
            sentences.append(f"{each.cell.size} of content, {name}: {'; '.join(drawbacks)}.")
    return sentences


def _against(own: CellSummary, base: CellSummary | None, results: Sequence[FigureResult]) -> Iterator[str]:
    if base is None:
        return
    for figure in (SERVES, SCALED):
        mine, other = own.medians.get(figure.key, 0.0), base.medians.get(figure.key, 0.0)
        result = find(results, own.cell, figure.key)
        if result and not result.is_equal and mine > other + _FELT:
            doubt = "" if result.verdict == WORSE else f" ({result.verdict})"
            yield f"{figure.name} {mine:.2f} s against {other:.2f} s{doubt}"
    longer = [text for phase in PHASES if (text := _longer(phase.key, own, base))]
    if longer:
        yield f"longer phases: {', '.join(longer)}"
    if own.medians.get(PULLED, 0.0) > _MORE * base.medians.get(PULLED, 0.0):
        yield f"{own.medians[PULLED] / 1e6:.1f} MB pulled against {base.medians[PULLED] / 1e6:.1f} MB"


def _longer(key: str, own: CellSummary, base: CellSummary) -> str:
    more = own.medians.get(key, 0.0) - base.medians.get(key, 0.0)
    return f"{key} +{more:.2f} s" if more > _FELT else ""


def _copy(own: CellSummary) -> Iterator[str]:
    if own.cell.variant == Layout.SIDECAR:
        copy_seconds, slowest = own.medians.get("copy", 0.0), own.medians.get(SCALE_COPY, 0.0)
        yield (
            f"every task copies the content before nginx starts, {copy_seconds:.2f} s, and of three tasks at"
            f" once the slowest {slowest:.2f} s; it then lies on the task's disk twice"
        )
