"""Draw one build of each variant as a waterfall, on one axis of seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl

from pipeline.compare.measurement import Cell, Measurement
from pipeline.compare.report.drawing import INK, Chart, finish, new_figure, settings, wrapped
from pipeline.compare.report.findings import SCENARIO_NAMES, VARIANT_NAMES, seconds, size_name
from pipeline.compare.report.report_content import ReportContent
from pipeline.compare.scenarios import Scenario

_COLOURS = ("#1d2733", "#1f6fb8", "#9cc7ee", "#b9812b", "#e3c48f", "#77828f")
_HATCHES = ("", "///", "...", "\\\\", "xx", "--")
"""Steps differ in hatching too, for print without colour."""


@dataclass(frozen=True)
class _Bar:
    """A step of a build: its lane is the variant and the image."""

    lane: str
    step: str
    start: float
    seconds: float

    def __str__(self) -> str:
        return f"{self.lane}, {self.step}: {seconds(self.seconds)} from {seconds(self.start)}"


def waterfall_chart(content: ReportContent, size: str, scenario: Scenario) -> Chart | None:
    """The steps of the median build of each variant; None without steps."""
    bars = [
        _Bar(f"{VARIANT_NAMES[variant]}: {span.image}", span.name, span.start, span.seconds)
        for variant in content.plan.variants
        if (run := _median_run(content, Cell(size, variant, scenario)))
        for span in run.spans
    ]
    if not bars:
        return None
    title = f"One build, step by step: {SCENARIO_NAMES[scenario]}, {size_name(size)}"
    with mpl.rc_context(settings(title)):
        lanes = list(dict.fromkeys(bar.lane for bar in bars))
        figure, axes = new_figure(1.2 + 0.38 * len(lanes))
        _draw(axes, bars, lanes)
        _name_ends(axes, bars, lanes)
        axes.set_yticks(range(len(lanes)), [wrapped(lane) for lane in lanes])
        axes.set_ylim(len(lanes) - 0.4, -0.6)
        axes.set_xlabel("seconds since the build began")
        handles, labels = axes.get_legend_handles_labels()
        once = dict(zip(labels, handles, strict=True))
        figure.legend(once.values(), once.keys(), loc="outside upper left", ncols=3, frameon=False)
        return finish(figure, title, "; ".join(map(str, bars)))


def _draw(axes: Any, bars: Sequence[_Bar], lanes: Sequence[str]) -> None:  # noqa: ANN401 - matplotlib's axes
    steps = list(dict.fromkeys(bar.step for bar in bars))
    for bar in bars:
        number = steps.index(bar.step) % len(_COLOURS)
        look = {"color": _COLOURS[number], "hatch": _HATCHES[number], "edgecolor": "white", "linewidth": 0.5}
        place = lanes.index(bar.lane)
        axes.barh(place, bar.seconds, left=bar.start, height=0.6, label=bar.step, **look)


def _name_ends(axes: Any, bars: Sequence[_Bar], lanes: Sequence[str]) -> None:  # noqa: ANN401
    """Write at which second each lane ends: the bars of a fast build are hardly wide enough to see."""
    last = max(bar.start + bar.seconds for bar in bars)
    for place, lane in enumerate(lanes):
        end = max(bar.start + bar.seconds for bar in bars if bar.lane == lane)
        axes.text(end + 0.01 * last, place, seconds(end), va="center", color=INK)
    axes.set_xlim(0, 1.2 * last)


def _median_run(content: ReportContent, cell: Cell) -> Measurement | None:
    """The build in the middle: a real one, whose steps add up."""
    runs = sorted(content.runs(cell), key=lambda run: run.seconds)
    return runs[(len(runs) - 1) // 2] if runs else None
