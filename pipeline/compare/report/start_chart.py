"""Draw one start of each layout as a stacked bar of its phases."""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl

from pipeline.compare.report.drawing import INK, Chart, finish, new_figure, settings, wrapped
from pipeline.compare.report.findings import seconds
from pipeline.compare.start.figures import NAMES, PHASES
from pipeline.compare.start.summary import CellSummary

_LOOKS = (
    ("#c9d1d9", "--"),
    ("#1f6fb8", ""),
    ("#9cc7ee", "///"),
    ("#4b5968", "xx"),
    ("#b9812b", ""),
    ("#e3c48f", "..."),
    ("#1d2733", "\\\\"),
)
"""Colour and hatching of each phase: neighbours differ in lightness and in hatching."""


def start_chart(cell_summaries: Sequence[CellSummary], size: str) -> Chart | None:
    """The start in the middle of each layout; None if none was measured with that size."""
    summaries = [each for each in cell_summaries if each.cell.size == size]
    if not summaries:
        return None
    title = f"From wanted to serving, {size} of content"
    with mpl.rc_context(settings(title)):
        figure, axes = new_figure(1.5 + 0.42 * len(summaries))
        for place, each in enumerate(summaries):
            _draw(axes, place, each)
        axes.set_yticks(range(len(summaries)), [wrapped(_name(each)) for each in summaries])
        axes.set_ylim(len(summaries) - 0.4, -0.6)
        axes.set_xlim(0, 1.2 * max(each.seconds for each in summaries))
        axes.set_xlabel("seconds since the task was wanted")
        handles, labels = axes.get_legend_handles_labels()
        once = dict(zip(labels, handles, strict=True))
        figure.legend(once.values(), once.keys(), loc="outside upper left", ncols=4, frameon=False)
        return finish(figure, title, "; ".join(map(_text, summaries)))


def _draw(axes: Any, place: int, summary: CellSummary) -> None:  # noqa: ANN401 - matplotlib's axes
    begin = 0.0
    for phase, (colour, hatch) in zip(PHASES, _LOOKS, strict=True):
        length = summary.phases[phase.key]
        look = {"color": colour, "hatch": hatch, "edgecolor": "white", "linewidth": 0.5}
        axes.barh(place, length, left=begin, height=0.6, label=phase.key, **look)
        begin += length
    axes.text(begin, place, f" {seconds(begin)}", va="center", color=INK)


def _name(summary: CellSummary) -> str:
    return NAMES.get(summary.cell.variant, summary.cell.variant)


def _text(summary: CellSummary) -> str:
    phases = ", ".join(f"{phase.key} {seconds(summary.phases[phase.key])}" for phase in PHASES)
    return f"{_name(summary)}: {seconds(summary.seconds)}, of which {phases}"
